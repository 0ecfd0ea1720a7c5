import { Fault } from './fault.ts';
import { flag, type RestRequest } from './resource.ts';
import type { VmMembers } from './vmMembers.ts';

/** Returns the first `max` items. */
export const limited = <T>(items: readonly T[], { query }: RestRequest): readonly T[] =>
  items.slice(0, limitOf(query.get('max')));

/**
 * Returns the VMs that match `search`. Of oVirt's searches, `name=`, `id=` and `status=` are supported, joined by `and`,
 * with `*` as a wildcard; others are refused, since a client could not tell that they were ignored.
 */
export function found(vms: readonly VmMembers[], request: RestRequest): readonly VmMembers[] {
  const isExact = flag(request.query, 'case_sensitive') ?? false;
  const search = request.query.get('search')?.trim() ?? '';
  if (search === '') return vms;
  const terms = search.replace(/^vms?:\s*/i, '').split(/\s+and\s+(?=\w+\s*=)/i);
  const matchers = terms.map((term) => matcher(term, isExact, search));
  return vms.filter((vm) => matchers.every((matches) => matches(vm)));
}

const FIELDS = ['name', 'id', 'status'] as const;

/** Returns a matcher of one condition; throws a {@link Fault} that names the whole search if it is not supported. */
function matcher(term: string, isExact: boolean, search: string): (vm: VmMembers) => boolean {
  const [, name = '', quoted, bare = ''] = /^(\w+)\s*=\s*(?:"([^"]*)"|([^\s"]+))$/.exec(term) ?? [];
  const field = FIELDS.find((each) => each === name.toLowerCase());
  if (field === undefined) {
    const supported = 'give name=…, id=… or status=…, joined by "and"';
    throw new Fault(400, `The search "${search.slice(0, 200)}" is not supported; ${supported}.`);
  }
  // only names are case-sensitive
  const folded = (text: string): string =>
    isExact && field === 'name' ? text : text.toLowerCase();
  const matches = glob(folded(quoted ?? bare));
  return (vm) => matches(folded(vm[field]));
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
  if (!/^-?\d{1,9}$/.test(max))
    throw new Fault(400, `max is "${max}"; give a whole number of up to 9 digits.`);
  // in oVirt a negative max means all
  return Number(max) < 0 ? Infinity : Number(max);
}
