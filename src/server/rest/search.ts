import { Fault } from './fault.ts';
import { flag, type RestRequest } from './resource.ts';
import type { VmMembers } from './vmMembers.ts';

/** As many as `max` asks for, from the first on. */
export const atMost = <T>(items: readonly T[], { query }: RestRequest): readonly T[] =>
  items.slice(0, mostOf(query.get('max')));

/**
 * The VMs that `search` asks for, at most `max` of them. Of oVirt's searches `name=` and `id=` are known, with `*` for
 * anything; any other is refused, since who searches takes what comes for what was meant.
 */
export function chosen(vms: readonly VmMembers[], request: RestRequest): readonly VmMembers[] {
  const isExact = flag(request.query, 'case_sensitive') ?? false;
  const matches = matcher(request.query.get('search')?.trim() ?? '', isExact);
  return atMost(vms.filter(matches), request);
}

function matcher(search: string, isExact: boolean): (vm: VmMembers) => boolean {
  if (search === '') return () => true;
  const [, field, quoted, bare = ''] =
    /^(?:vms?:\s*)?(name|id)\s*=\s*(?:"([^"]*)"|([^\s"]+))$/i.exec(search) ?? [];
  if (field === undefined) {
    throw new Fault(400, `"${search}" is no search that is known; give name=… or id=….`);
  }
  const isId = field.toLowerCase() === 'id';
  // ids have no case of their own
  const folded = (text: string): string => (isExact && !isId ? text : text.toLowerCase());
  const fits = glob(folded(quoted ?? bare));
  return ({ id, name }) => fits(folded(isId ? id : name));
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
