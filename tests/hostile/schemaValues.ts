import { mutated } from './mutate.ts';
import type { Random } from './random.ts';
import { someText } from './text.ts';

interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly minimum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

/** Few, so that they meet in one document. */
const WORDS = ['a', 'dimm0', 'ua-1', '', '0x100000000', 'flow', 'other'];
const NUMBERS = [0, 1, 2, 64, 1024, 131_072, 1_048_576, 2_097_152, 2 ** 31, 2 ** 53 - 1];
const UUIDS = [1, 2].map((n) => `00000000-0000-4000-8000-00000000000${String(n)}`);

/** Returns a value that a schema allows. */
function someValue(random: Random, schema: object): unknown {
  const { type, format, enum: allowed, anyOf, items, additionalProperties } = schema as Schema;
  if ('const' in schema) return schema.const;
  if (allowed) return random.pick(allowed);
  if (anyOf) return someValue(random, random.pick(anyOf));
  if (type === 'integer' || type === 'number') return random.pick(NUMBERS);
  if (type === 'boolean') return random.chance(0.5);
  if (type === 'array') return random.list(3, () => someValue(random, items ?? {}));
  if (type !== 'object') return format === 'uuid' ? random.pick(UUIDS) : random.pick(WORDS);
  if (typeof additionalProperties === 'object') {
    return Object.fromEntries(
      UUIDS.filter(() => random.chance(0.5)).map((id) => [
        id,
        someValue(random, additionalProperties),
      ]),
    );
  }
  return someObject(random, schema);
}

function someObject(random: Random, { properties = {}, required = [] }: Schema): unknown {
  const names = Object.keys(properties).filter(
    (name) => required.includes(name) || random.chance(0.4),
  );
  return Object.fromEntries(names.map((name) => [name, someValue(random, properties[name] ?? {})]));
}

/** What else programs write where a document of ours is expected. */
const OTHERS = [
  '',
  'null',
  '0',
  '[]',
  '{}',
  '"',
  'true',
  'not JSON',
  '{"version":3}',
  '{"version":99,"x":[1]}',
  '{"version":"2"}',
  '{"version":-1}',
  '{"__proto__":{"version":2}}',
  '[[[[[[',
  '{"version":2,"operations":null}',
  '\0',
  '1e999',
];

/** Returns a document as text: valid, of a later version, cut off, changed, or of another program. */
export function someDocument(random: Random, schema: object): string {
  if (random.chance(0.1)) return random.chance(0.7) ? random.pick(OTHERS) : someText(random);
  const value = someValue(random, schema) as Record<string, unknown>;
  const text = JSON.stringify(
    random.chance(0.1) ?
      { ...value, version: random.pick([0, 1, 2, 3, 99, 2 ** 60, '2', null]) }
    : value,
  );
  if (random.chance(0.5)) return text;
  return random.one(
    () => text.slice(0, random.below(text.length + 1)),
    () => mutated(text, random),
    () => text + random.pick(OTHERS),
    () =>
      text.replace(/\d+/, () =>
        random.pick(['-1', '1.5', '1e308', 'null', '"1"', '1'.repeat(400)]),
      ),
  );
}
