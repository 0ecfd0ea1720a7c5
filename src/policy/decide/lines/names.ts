/** Names in lines are in snake case, as libvirt's and MoM's are. */
export const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A line that cannot be read; the message says what is wrong and what to do. */
export class LineError extends Error {
  override readonly name = 'LineError';
}

/** A line of a format that this program does not know. */
export class UnknownVersion extends LineError {}

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new LineError(`${what} must be an object`);
}

/** Returns a number, also one written as decimal text; undefined if it is absent or null. */
export function numberOf(fields: Fields, name: string, what: string): number | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || typeof value === 'number') return value;
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  throw new LineError(`${what}: ${name} must be a number`);
}
