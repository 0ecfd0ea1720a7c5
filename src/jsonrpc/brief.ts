import { createHash } from 'node:crypto';

/** Longer texts are described instead of quoted. */
const LONGEST_TEXT = 256;
/** Of all params together. */
const LONGEST_LINE = 4096;
const MOST_ITEMS = 20;
const DEEPEST = 5;
/** Names of secrets, and of what may hold some, as the data of cloud-init. */
const SECRET =
  /pass|pwd|secret|ticket|token|key|cred|auth|cookie|private|payload|user.?data|cloud.?init|^_X_/i;
/** Values of secrets within a text, as in a kernel's arguments or a URL. */
const SECRETS_INSIDE: readonly (readonly [RegExp, string])[] = [
  [/([\w.-]*(?:pass|pwd|secret|ticket|token|key|cred|auth)[\w.-]*\s*[=:]\s*)[^\s&;,]+/gi, '$1***'],
  [/(:\/\/[^\s/@:]*:)[^\s/@]+@/g, '$1***@'],
];

/** Returns a client's params in a form fit for a log: without secrets, and short whatever the client sent. */
export function brief(params: unknown): unknown {
  const shown = briefValue(params, 0);
  const text = JSON.stringify(shown) as string | undefined;
  return text === undefined || text.length <= LONGEST_LINE ? shown : digest(text);
}

function briefValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return briefText(value);
  // JSON has no form for it
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '…';
  if (Array.isArray(value)) return briefList(value, depth);
  const members: readonly [string, unknown][] = Object.entries(value);
  const shown = members
    .slice(0, MOST_ITEMS)
    .map(([name, member]) => [
      name.slice(0, LONGEST_TEXT),
      SECRET.test(name) ? '***' : briefValue(member, depth + 1),
    ]);
  const rest = members.length - shown.length;
  // assigning "__proto__" would set the prototype; fromEntries does not
  return Object.fromEntries(rest > 0 ? [...shown, ['…', rest]] : shown);
}

function briefList(items: readonly unknown[], depth: number): unknown {
  const shown = items.slice(0, MOST_ITEMS).map((item) => briefValue(item, depth + 1));
  const rest = items.length - shown.length;
  return rest > 0 ? [...shown, `… ${String(rest)} more`] : shown;
}

function briefText(text: string): unknown {
  const isXml = /^\s*</.test(text);
  // XML may have secrets in any attribute
  if (!isXml && text.length <= LONGEST_TEXT) return masked(text);
  return { ...digest(text), ...(isXml ? domainIn(text) : {}) };
}

const masked = (text: string): string =>
  SECRETS_INSIDE.reduce((all, [pattern, mask]) => all.replace(pattern, mask), text);

const digest = (text: string) => ({
  length: text.length,
  sha256: createHash('sha256').update(text).digest('hex').slice(0, 16),
});

/** The name and the memory of a domain's XML, as far as they stand at its beginning. */
function domainIn(xml: string): object {
  const head = xml.slice(0, 8192);
  const [, name] = /<name>([^<]{1,256})<\/name>/.exec(head) ?? [];
  const [, attributes = '', size] = /<memory(\s[^<>]{0,100})?>\s*(\d{1,20})\s*</.exec(head) ?? [];
  const [, unit = 'KiB'] = /unit\s*=\s*["'](\w{1,10})["']/.exec(attributes) ?? [];
  return {
    ...(name === undefined ? {} : { name }),
    ...(size === undefined ? {} : { memory: `${size} ${unit}` }),
  };
}
