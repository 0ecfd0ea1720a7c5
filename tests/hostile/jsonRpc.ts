import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutated } from './mutate.ts';
import type { Random } from './random.ts';
import { hostileValue, valueOf, type Shape } from './values.ts';

interface Method {
  readonly name: string;
  readonly params: readonly {
    readonly name: string;
    readonly required: boolean;
    readonly schema: Shape;
  }[];
  readonly result: { readonly schema: Shape };
}

const document = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../schema/openrpc.json'), 'utf8'),
) as { readonly methods: readonly Method[] };

/** All verbs, by their contracts. */
export const methods = document.methods;

const NO_METHODS = [
  '',
  'VM',
  'VM.',
  'Host.ping.',
  '__proto__',
  'constructor',
  'toString',
  'VM.migrate',
  'host.ping',
];
const IDS = [
  0,
  -1,
  1.5,
  1e300,
  9007199254740993,
  '',
  'id',
  '__proto__',
  '\ud800',
  null,
  true,
  {},
  [],
];

/** Returns the text of a message: a request, a batch, or something that is nearly one. */
export function someMessage(random: Random): string {
  if (random.chance(0.02)) return huge(random);
  if (random.chance(0.1)) {
    const batch = random.list(random.chance(0.1) ? 120 : 8, () => someRequest(random));
    return random.chance(0.1) ? mutated(JSON.stringify(batch), random) : JSON.stringify(batch);
  }
  const text = written(someRequest(random), random);
  return random.chance(0.1) ? mutated(text, random) : text;
}

/** JSON with blanks, repeated members and numbers as JSON.stringify does not write them. */
function written(request: unknown, random: Random): string {
  const text = JSON.stringify(request);
  if (random.chance(0.9)) return text;
  return random.one(
    () => JSON.stringify(request, null, random.pick([1, '\t', '\r\n'])),
    () => text.replace('{', `{"id":${random.pick(['1', '"a"', 'null', '[1]'])},`),
    () =>
      text.replace(
        /\d+/,
        (digits) => `${digits}${random.pick(['.0', 'e2', '000000000000000000', '.5e-400'])}`,
      ),
    () => text.replace('"method"', '"\\u006dethod"'),
    () => text.replace('"id"', '"i\\u0064"'),
    () => `\ufeff${text}`,
  );
}

/** Returns a request to one of the verbs, or to none. */
function someRequest(random: Random): unknown {
  if (random.chance(0.03)) return hostileValue(random);
  const method = random.pick(methods);
  const request: Record<string, unknown> = {
    jsonrpc: random.chance(0.98) ? '2.0' : random.pick(['1.0', 2, null, '2.0 ']),
    method: random.chance(0.97) ? method.name : random.pick([...NO_METHODS, 5, null]),
    params: someParams(method, random),
  };
  if (random.chance(0.95))
    request['id'] = random.chance(0.85) ? random.below(1e6) : random.pick(IDS);
  if (random.chance(0.03)) request['flow_id'] = hostileValue(random);
  if (random.chance(0.02)) request[random.pick(['result', 'error', '__proto__'])] = {};
  return request;
}

/** Returns params of a verb by name or by position: valid, nearly valid, or nothing like it. */
export function someParams({ params }: Method, random: Random): unknown {
  if (random.chance(0.04)) return hostileValue(random);
  const given = params.filter(({ required }) => random.chance(required ? 0.97 : 0.4));
  const values = given.map(({ name, schema }) => [name, valueOf(schema, random, name)] as const);
  if (random.chance(0.1)) return values.map(([, value]) => value);
  const named = Object.fromEntries(values);
  if (random.chance(0.05))
    Object.assign(
      named,
      Object.fromEntries([
        [random.pick(['__proto__', 'constructor', 'extra', '']), hostileValue(random)],
      ]),
    );
  return named;
}

/** A message at or beyond a limit: long, deep or of many values. */
const huge = (random: Random): string =>
  random.one(
    () =>
      `{"jsonrpc":"2.0","id":1,"method":"Host.echo","params":${'['.repeat(random.pick([62, 63, 64, 65, 5000]))}`,
    () => nested(random.pick([10, 61, 62, 63, 64, 100, 20_000])),
    () =>
      JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'Host.echo',
        params: ['x'.repeat(random.pick([1e4, 1e5, 1e6]))],
      }),
    () =>
      JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'Host.echo',
        params: Array(random.pick([1000, 49_990, 50_010])).fill(0),
      }),
    () =>
      JSON.stringify(
        Array.from({ length: random.pick([100, 101, 1000]) }, (_, id) => ({
          jsonrpc: '2.0',
          id,
          method: 'Host.ping',
        })),
      ),
    () =>
      `{"jsonrpc":"2.0","id":${'1'.repeat(random.pick([16, 101, 10_000]))},"method":"Host.ping"}`,
  );

const nested = (depth: number): string =>
  `{"jsonrpc":"2.0","id":1,"method":"Host.echo","params":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`;
