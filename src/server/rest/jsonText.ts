import { isList, isScalar, type Members, type Value } from './members.ts';

/** Items of a list that are one piece. */
const ITEMS = 20;
/** What stands around the only item of a list. */
const OUTER = { start: '[\n  ', end: '\n]' } as const;
/** What stands around the items of a list in such a list. */
const INNER = { start: '[\n  [', end: '\n  ]\n]' } as const;

/** Writes a resource as indented JSON, its lists in pieces. */
export function* jsonPieces(members: Members): Iterable<string> {
  let before = '{';
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) continue;
    yield `${before}\n  "${name}": `;
    before = ',';
    if (isScalar(value) || !isList(value) || value.length === 0) yield textIn(value, OUTER);
    else yield* listPieces(value);
  }
  yield before === '{' ? '{}\n' : '\n}\n';
}

function* listPieces(items: readonly Value[]): Iterable<string> {
  for (let first = 0; first < items.length; first += ITEMS)
    yield (first === 0 ? '[' : ',') + textIn(items.slice(first, first + ITEMS), INNER);
  yield '\n  ]';
}

/** Returns the text of a value within an indented list, without what stands around it. */
const textIn = (
  value: Value | readonly Value[],
  { start, end }: { start: string; end: string },
): string => JSON.stringify([value], inOvirtsJson, 2).slice(start.length, -end.length);

/** Replaces values that oVirt writes in another way than JSON.stringify. */
function inOvirtsJson(this: unknown, name: string, value: unknown): unknown {
  if (typeof value === 'boolean') return String(value);
  // dates are texts by now, but not yet in the object that has them
  const given = typeof value === 'string' ? (this as Members)[name] : undefined;
  return given instanceof Date ? given.getTime() : value;
}
