import { bytesOf } from './bytes.ts';
import { mutated } from './mutate.ts';
import type { Random } from './random.ts';
import { someMessage } from './jsonRpc.ts';
import { someNumber, someText } from './text.ts';
import { hostileValue, VM_IDS } from './values.ts';

/** A request's bytes as text of their values, and its method. */
export interface HttpRequest {
  readonly method: string;
  readonly text: string;
}

const METHODS = [
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
];
const BASES = [
  '/api',
  '/api/v4',
  '/ovirt-engine/api',
  '/ovirt-engine/api/v4',
  '/API',
  '/api/v3',
  '',
];
const BELOW = [
  '',
  '/',
  '/reset',
  '/start',
  '/shutdown',
  '/stop',
  '/statistics',
  '/jobs',
  '/jobs/1',
  '/jobs/%zz',
  '/statistics/%C3%A9',
  '/statistics/1/2',
  '/reporteddevices',
  '/%',
  '/%00',
  '/../..',
];
const PAGES = [
  '/',
  '/healthz',
  '/metrics',
  '/index.html',
  '/../etc/passwd',
  '//',
  '/ovirt-engine/sso/oauth/token',
  '/ovirt-engine/sso/',
  '*',
  'http://localhost/api',
  'http://[',
  'http://elsewhere/',
  '/assets/x',
];
const QUERIES = [
  'max=1',
  'max=-1',
  'max=x',
  'search=name%3Da*',
  'search=%',
  'search=status=up and name=*',
  'next_run',
  'async=true',
  'wait',
  'dry_run=1',
  'correlation_id=a',
  'case_sensitive=false',
  '&&&=',
  'toString=1',
  '__proto__=1',
];
export const MEDIA = [
  'application/json',
  'application/xml',
  'text/xml',
  'application/json; charset=utf-8',
  'application/json;charset="utf-16"',
  '*/*',
  '*/*;q=0',
  'application/*;q=NaN',
  ',',
  'a/b',
  ';',
  'application/xml;q=1e400, application/json;q=-1',
];

/** Headers, mostly without a meaning for the framing of a message. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  accept: MEDIA,
  'user-agent': ['PythonSDK/4.6.3', 'Mozilla/5.0', ''],
  origin: ['http://localhost', 'null', 'https://elsewhere.example'],
  authorization: ['Bearer x', 'Basic ', 'Basic YTpi'],
  prefer: ['respond-async', 'respond-async; wait=1, a'],
  version: ['4', '3', 'x'],
  'correlation-id': ['a', 'é'],
  'content-encoding': ['gzip', 'identity', 'br', 'deflate', 'constructor'],
  'accept-encoding': ['gzip', 'gzip;q=0'],
  'if-none-match': ['*', '"a"'],
  range: ['bytes=0-', 'bytes=-1'],
  cookie: ['a=b'],
  expect: ['100-continue', 'x'],
  te: ['trailers'],
};

/** Returns a request whose end every server finds at the same place. */
export function soundRequest(random: Random): HttpRequest {
  const method = random.pick(METHODS);
  const body =
    method === 'GET' || method === 'HEAD' || random.chance(0.2) ? undefined : someBody(random);
  const lines = [
    `${method} ${someTarget(random)} HTTP/1.1`,
    `Host: ${random.chance(0.95) ? 'localhost' : random.pick(['a', '[::1]:1', ''])}`,
  ];
  if (random.chance(0.8)) lines.push(`Content-Type: ${random.pick(MEDIA)}`);
  lines.push(...random.list(4, () => header(random)));
  if (body === undefined) return { method, text: `${lines.join('\r\n')}\r\n\r\n` };
  const bytes = bytesOf(body);
  if (random.chance(0.3))
    return {
      method,
      text: `${[...lines, 'Transfer-Encoding: chunked'].join('\r\n')}\r\n\r\n${chunked(bytes, random)}`,
    };
  return {
    method,
    text: `${[...lines, `Content-Length: ${String(bytes.length)}`].join('\r\n')}\r\n\r\n${bytes}`,
  };
}

/** Returns a request that is not quite one. */
export const brokenRequest = (random: Random): HttpRequest => {
  const { method, text } = soundRequest(random);
  return { method, text: mutated(text, random) };
};

const SMUGGLED = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Returns a request of which servers disagree where it ends; what follows could be one more. */
export function ambiguousRequest(random: Random): HttpRequest {
  const framing = random.pick([
    ['Content-Length: 0', `Content-Length: ${String(SMUGGLED.length)}`],
    ['Content-Length: 4', 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: chunked', 'Content-Length: 4'],
    ['Transfer-Encoding: xchunked'],
    ['Transfer-Encoding: chunked, identity'],
    ['Transfer-Encoding : chunked'],
    ['Transfer-Encoding: \x0bchunked'],
    ['Content-Length: +4'],
    ['Content-Length: 0x4'],
    ['Content-Length: 4 4'],
    ['Content-Length : 4'],
    ['Content-Length: -1'],
    ['Content-Length: 99999999999999999999'],
    ['X: a\r\n Content-Length: 4', 'Transfer-Encoding: chunked', 'Content-Length: 1'],
    ['Content-Length: 4\rTransfer-Encoding: chunked'],
  ]);
  const method = random.pick(['GET', 'POST', 'PUT']);
  const path = random.pick(['/', '/healthz', `/api/vms/${random.pick(VM_IDS)}`]);
  const head = [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    'Content-Type: application/json',
    ...framing,
  ].join('\r\n');
  return { method, text: `${head}\r\n\r\n${random.pick(['0\r\n\r\n', '4\r\n', ''])}${SMUGGLED}` };
}

export function someTarget(random: Random): string {
  if (random.chance(0.2)) return random.pick(PAGES);
  const vm =
    random.chance(0.9) ?
      random.pick(VM_IDS)
    : encodeURIComponent(random.pick(['x', 'é', '\0', '..']));
  const matrix = random.chance(0.1) ? `;${random.pick(QUERIES).replaceAll(' ', '%20')}` : '';
  const query =
    random.chance(0.3) ?
      `?${random.list(3, () => random.pick(QUERIES).replaceAll(' ', '%20')).join('&')}`
    : '';
  const path = random.chance(0.2) ? '/vms' : `/vms/${vm}${random.pick(BELOW)}`;
  return random.pick(BASES) + path + matrix + query;
}

function header(random: Random): string {
  const [name, values] = random.pick(Object.entries(HEADERS));
  const value = random.chance(0.9) ? random.pick(values) : headerText(random);
  return `${name}: ${bytesOf(value)}`;
}

/** A value that HTTP allows. */
const headerText = (random: Random): string =>
  someText(random)
    .replace(/[^\x20-\x7e\u0080-\u{10ffff}]/gu, '')
    .slice(0, 2000)
    .trim();

function chunked(body: string, random: Random): string {
  const size = Math.max(1, random.pick([1, 7, 100, body.length]));
  const chunks: string[] = [];
  for (let at = 0; at < body.length && chunks.length < 200; at += size) {
    const piece = chunks.length === 199 ? body.slice(at) : body.slice(at, at + size);
    const extension = random.chance(0.05) ? ';a="b"' : '';
    chunks.push(`${piece.length.toString(16)}${extension}\r\n${piece}\r\n`);
  }
  return `${chunks.join('')}0\r\n${random.chance(0.1) ? 'X-Trailer: 1\r\n' : ''}\r\n`;
}

/** Returns the body of a change of a VM or of an action, or something like it. */
export function someBody(random: Random): string {
  const text = random.one(
    () => jsonBody(random),
    () => xmlBody(random),
    () => someText(random),
    () => someMessage(random),
    () =>
      random.pick([
        '',
        '[]',
        '<a/>',
        '{"memory":1,"memory":2}',
        '<!DOCTYPE a><vm/>',
        'x'.repeat(70_000),
      ]),
  );
  return random.chance(0.15) ? mutated(text, random) : text;
}

const SIZES = [0, 1, 1024, 2 ** 20, 2 ** 30, 2 ** 31, 2 ** 40, 2 ** 53];

const jsonBody = (random: Random): string =>
  JSON.stringify({
    ...(random.chance(0.8) && { memory: size(random) }),
    ...(random.chance(0.4) && {
      memory_policy: random.chance(0.9) ? { guaranteed: size(random) } : hostileValue(random),
    }),
    ...(random.chance(0.1) && {
      [random.pick(['id', 'name', 'max', 'async', 'force', '__proto__'])]: hostileValue(random),
    }),
  });

const xmlBody = (random: Random): string => {
  const name = random.pick(['vm', 'action', 'a:vm', 'VM']);
  const memory = random.chance(0.8) ? `<memory>${sizeText(random)}</memory>` : '';
  const policy =
    random.chance(0.4) ?
      `<memory_policy><guaranteed>${sizeText(random)}</guaranteed></memory_policy>`
    : '';
  const more =
    random.chance(0.2) ?
      random.pick([
        '<![CDATA[x]]>',
        '&amp;',
        '&#0;',
        '&#x110000;',
        '<memory/>',
        '<!-- -- -->',
        '<?a b?>',
        someText(random),
      ])
    : '';
  const start =
    random.chance(0.2) ?
      `<?xml version="1.0" encoding="${random.pick(['UTF-8', 'utf-16', 'x'])}"?>`
    : '';
  return `${start}<${name}>${memory}${policy}${more}</${name}>`;
};

const size = (random: Random): unknown =>
  random.one<unknown>(
    () => random.pick(SIZES),
    () => someNumber(random),
    () => String(random.pick(SIZES)),
    () => hostileValue(random),
  );

const sizeText = (random: Random): string => JSON.stringify(size(random)).replaceAll('"', '');
