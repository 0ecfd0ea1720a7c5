import { Fault } from './fault.ts';
import type { Visit } from './resource.ts';
import type { VmMembers } from './vms.ts';

/**
 * The VMs that `search` asks for, at most `max` of them. Of oVirt's searches `name=` and `id=` are known, with `*` for
 * anything; any other is refused, since who searches takes what comes for what was meant.
 */
export function chosen(vms: readonly VmMembers[], { query }: Visit): readonly VmMembers[] {
  const matches = matcher(query.get('search')?.trim() ?? '');
  return vms.filter(matches).slice(0, mostOf(query.get('max')));
}

function matcher(search: string): (vm: VmMembers) => boolean {
  if (search === '') return () => true;
  const [, field, quoted, bare = ''] =
    /^(?:vms?:\s*)?(name|id)\s*=\s*(?:"([^"]*)"|([^\s"]+))$/i.exec(search) ?? [];
  if (field === undefined) {
    throw new Fault(400, `"${search}" is no search that is known; give name=… or id=….`);
  }
  const fits = glob((quoted ?? bare).toLowerCase());
  const isId = field.toLowerCase() === 'id';
  return ({ id, name }) => fits((isId ? id : name).toLowerCase());
}

/** Whether text fits a pattern in which `*` stands for anything; without the backtracking of a regular expression. */
function glob(pattern: string): (text: string) => boolean {
  const [first = '', ...inner] = pattern.split('*');
  const last = inner.pop();
  if (last === undefined) return (text) => text === pattern;
  return (text) => {
    let at = text.startsWith(first) ? first.length : Infinity;
    for (const part of inner) {
      const found = text.indexOf(part, at);
      at = found < 0 ? Infinity : found + part.length;
    }
    return at + last.length <= text.length && text.endsWith(last);
  };
}

function mostOf(max: string | null): number {
  if (max === null) return Infinity;
  if (!/^-?\d{1,9}$/.test(max)) throw new Fault(400, `max is "${max}"; give a whole number.`);
  // less than none is oVirt's way to ask for all
  return Number(max) < 0 ? Infinity : Number(max);
}
