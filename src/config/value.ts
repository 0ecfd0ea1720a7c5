import { isIP } from 'node:net';
import { readRule, readUser } from '../access/rule.ts';
import { brief } from '../common/brief.ts';
import { readEndpoint } from '../common/endpoint.ts';
import { ConfigError, type Setting } from './setting.ts';

/** One key's description in schema/config.ts. */
export interface Key {
  readonly type?: 'string' | 'integer' | 'boolean' | 'array';
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly items?: { readonly format?: string };
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default: unknown;
  readonly description: string;
  /** What puts a new value in force; a restart unless given. */
  readonly change?: string;
}

/** Returns a setting's value in its key's type; throws {@link ConfigError} if it is invalid. */
export function readValue({ origin, section, key, value }: Setting, schema: Key): unknown {
  // As in a file, where a value has one line.
  const text = value.trim();
  const read = CONTROL.test(text) ? undefined : readers[schema.type ?? 'string'](text, schema);
  if (read !== undefined) return read;
  const expected = `[${section}] ${key} must be ${expectation(schema)}`;
  throw new ConfigError(`${origin}: ${expected}, not "${brief(value)}".`);
}

const CONTROL = /[^\P{Cc}\t]/u;

/** Describes a key's valid values. */
export function expectation(schema: Key): string {
  const { enum: allowed, type, format = '', items, minimum, maximum } = schema;
  if (allowed) return `one of ${allowed.join(', ')}`;
  if (type === 'boolean') return 'true or false';
  if (type === 'array') return `a list of ${wording(items?.format)}, separated by commas`;
  if (type !== 'integer') return wording(format) + (schema.default === '' ? ' or nothing' : '');
  const unit = format === '' ? '' : ` of ${format === 'Seconds' ? 'seconds' : format}`;
  return `a whole number${unit} from ${String(minimum)} to ${String(maximum)}`;
}

const wording = (format = ''): string => formats[format]?.words ?? 'some text';

/** A kind of text: its description in messages, and a check. */
interface Format {
  readonly words: string;
  readonly fits: (text: string) => boolean;
}

const formats: Readonly<Record<string, Format>> = {
  host: { words: 'host names or addresses', fits: (text) => isIP(text) !== 0 || isHostName(text) },
  endpoint: {
    words: 'host names or addresses',
    fits: (text) => isEndpoint(text),
  },
  rule: {
    words:
      'rules, as cn:engine.example.com, ou:monitoring, san:*.example.com, user:alice or group:kvm',
    fits: (text) => readRule(text) !== undefined,
  },
  setting: { words: 'settings, as goal=0.15', fits: (text) => /^[a-z_]+\s*=\s*\S+$/.test(text) },
  path: { words: 'absolute paths', fits: (text) => text.startsWith('/') },
  user: { words: 'users and @groups', fits: (text) => readUser(text) !== undefined },
  origin: {
    words: 'origins, as https://console.example.org',
    fits: (text) => /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]+$/i.test(text),
  },
  hypervisor: {
    words: 'auto, simulated or a libvirt URI of this host, as qemu:///system',
    fits: (text) => text === 'auto' || text === 'simulated' || isLocalUri(text),
  },
};

function isEndpoint(text: string): boolean {
  const { host, port } = readEndpoint(text, 0);
  return port <= 65_535 && (isIP(host) !== 0 || isHostName(host));
}

/** RFC 1123, plus the underscores of some networks. A name with a numeric last label would be an address. */
function isHostName(text: string): boolean {
  const labels = text.replace(/\.$/, '').split('.');
  return (
    text.length <= 253 &&
    labels.every((label) => /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  );
}

const isLocalUri = (text: string): boolean =>
  /^[a-z]+(\+unix)?:/.test(text) && URL.canParse(text) && new URL(text).host === '';

const fits = (format: string | undefined, text: string): boolean =>
  formats[format ?? '']?.fits(text) ?? true;

const readers: Record<NonNullable<Key['type']>, (value: string, schema: Key) => unknown> = {
  string: (value, { enum: allowed, format, default: usual }) =>
    (value !== '' || usual === '') && (allowed?.includes(value) ?? true) && fits(format, value) ?
      value
    : undefined,
  integer: (value, { minimum = -Infinity, maximum = Infinity }) => {
    const number = /^-?\d{1,15}$/.test(value) ? Number(value) : NaN;
    return number >= minimum && number <= maximum ? number : undefined;
  },
  // The words of Python's configparser, and so of VDSM.
  boolean: (value) => {
    if (/^(true|yes|on|1)$/i.test(value)) return true;
    return /^(false|no|off|0)$/i.test(value) ? false : undefined;
  },
  array: (value, { items }) => {
    const given = value.split(',').map((item) => item.trim());
    const list = given.filter((item) => item !== '');
    return list.every((item) => fits(items?.format, item)) ? list : undefined;
  },
};
