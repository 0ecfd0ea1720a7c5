import { Fault } from './fault.ts';
import { flag, type RestRequest } from './resource.ts';
import type { VmMembers } from './vmMembers.ts';

/** Returns the first `max` items. */
export const limited = <T>(items: readonly T[], { query }: RestRequest): readonly T[] =>
  items.slice(0, limitOf(query.get('max')));

/**
 * Returns the VMs that match `search`, at most `max`. Of oVirt's searches, `name=` and `id=` are supported, with `*` as a
 * wildcard; others are refused, since a client could not tell that they were ignored.
 */
export function found(vms: readonly VmMembers[], request: RestRequest): readonly VmMembers[] {
  const isExact = flag(request.query, 'case_sensitive') ?? false;
  const matches = matcher(request.query.get('search')?.trim() ?? '', isExact);
  return limited(vms.filter(matches), request);
}

function matcher(search: string, isExact: boolean): (vm: VmMembers) => boolean {
  if (search === '') return () => true;
  const [, field, quoted, bare = ''] =
    /^(?:vms?:\s*)?(name|id)\s*=\s*(?:"([^"]*)"|([^\s"]+))$/i.exec(search) ?? [];
  if (field === undefined) {
    throw new Fault(400, `The search "${search}" is not supported; give name=… or id=….`);
  }
  const isId = field.toLowerCase() === 'id';
  // ids are case-insensitive
  const folded = (text: string): string => (isExact && !isId ? text : text.toLowerCase());
  const matches = glob(folded(quoted ?? bare));
  return ({ id, name }) => matches(folded(isId ? id : name));
}

/** Returns a matcher of a pattern with `*` as a wildcard, without the backtracking of a regular expression. */
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

function limitOf(max: string | null): number {
  if (max === null) return Infinity;
  if (!/^-?\d{1,9}$/.test(max)) throw new Fault(400, `max is "${max}"; give a whole number.`);
  // in oVirt a negative max means all
  return Number(max) < 0 ? Infinity : Number(max);
}
