import { ConfigError, type Setting } from './setting.ts';

/** What schema/config.ts says of one key. */
export interface Key {
  readonly type?: 'string' | 'integer' | 'boolean' | 'array';
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default: unknown;
  readonly description: string;
}

/** The value of a setting in its key's type; throws {@link ConfigError} if it has none. */
export function readValue({ origin, section, key, value }: Setting, schema: Key): unknown {
  const read = readers[schema.type ?? 'string'](value, schema);
  if (read !== undefined) return read;
  const expected = `[${section}] ${key} must be ${expectation(schema)}`;
  throw new ConfigError(`${origin}: ${expected}, not ${JSON.stringify(value)}.`);
}

/** What a key takes, in words. */
export function expectation({ enum: allowed, type, format, minimum, maximum }: Key): string {
  if (allowed) return `one of ${allowed.join(', ')}`;
  if (type === 'boolean') return 'true or false';
  if (type === 'array') return 'a list, separated by commas';
  if (type !== 'integer') return 'some text';
  const unit = format === undefined ? '' : ` of ${format.toLowerCase()}`;
  return `a whole number${unit} from ${String(minimum)} to ${String(maximum)}`;
}

const readers: Record<NonNullable<Key['type']>, (value: string, schema: Key) => unknown> = {
  string: (value, { enum: allowed }) =>
    value !== '' && (allowed?.includes(value) ?? true) ? value : undefined,
  integer: (value, { minimum = -Infinity, maximum = Infinity }) => {
    const number = /^-?\d{1,15}$/.test(value) ? Number(value) : NaN;
    return number >= minimum && number <= maximum ? number : undefined;
  },
  // the words that Python's configparser takes, and so VDSM
  boolean: (value) => {
    if (/^(true|yes|on|1)$/i.test(value)) return true;
    return /^(false|no|off|0)$/i.test(value) ? false : undefined;
  },
  array: (value) => {
    const items = value.split(',').map((item) => item.trim());
    return items.filter((item) => item !== '');
  },
};
