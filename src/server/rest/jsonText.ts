import { isList, isScalar, type Members, type Value } from './members.ts';

/** Writes a resource as indented JSON, each item of its lists as a piece. */
export function* jsonPieces(members: Members): Iterable<string> {
  let before = '{';
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) continue;
    yield `${before}\n  "${name}": `;
    before = ',';
    if (isScalar(value) || !isList(value)) yield textOf(value, '\n  ');
    else yield* listPieces(value, '\n  ');
  }
  yield before === '{' ? '{}\n' : '\n}\n';
}

function* listPieces(items: readonly Value[], line: string): Iterable<string> {
  let before = '[';
  for (const item of items) {
    yield `${before}${line}  ${textOf(item, `${line}  `)}`;
    before = ',';
  }
  yield before === '[' ? '[]' : `${line}]`;
}

/** `line` begins a line with the indentation of the value. */
function textOf(value: Value, line: string): string {
  if (value instanceof Date) return String(value.getTime());
  if (typeof value === 'boolean') return `"${String(value)}"`;
  if (isScalar(value)) return JSON.stringify(value);
  if (isList(value)) return [...listPieces(value, line)].join('');
  let text = '';
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    text += `${text && ','}${line}  "${name}": ${textOf(member, `${line}  `)}`;
  }
  return text === '' ? '{}' : `{${text}${line}}`;
}
