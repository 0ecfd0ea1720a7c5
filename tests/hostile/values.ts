import type { Random } from './random.ts';
import { someNumber, someText } from './text.ts';

/** A JSON schema, as far as contracts use it. */
export interface Shape {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Shape;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
}

/** VMs that exist, or are made now and then. */
export const VM_IDS = [
  ...Array.from(
    { length: 10 },
    (_, i) => `00000000-0000-4000-8000-${(0xde30 + i).toString(16).padStart(12, '0')}`,
  ),
  ...Array.from({ length: 6 }, (_, i) => `00000000-0000-4000-8000-00000000000${String(i)}`),
];
const SIZES = [0, 1, 2, 128, 256, 512, 1024, 1025, 2048, 4096, 8192, 65_536];
const WORDS = ['debug', 'info', 'warn', 'dimm0', 'ua-0', 'web', 'memory', '|virt|VM_status|*', '*'];
const XML = [
  '<domain type="kvm"><name>a</name><memory>1048576</memory><os><type>hvm</type></os></domain>',
  '<domain><name>a</name><memory unit="x">1</memory></domain>',
  '<domain>',
  '<!DOCTYPE a []><domain/>',
];

/** Returns a value of a schema, mostly; sometimes one that is nearly of it, or not at all. */
export function valueOf(shape: Shape, random: Random, name = ''): unknown {
  if (random.chance(0.06)) return hostileValue(random);
  if (shape.anyOf) return valueOf(random.pick(shape.anyOf), random, name);
  if (shape.enum) return random.pick(shape.enum);
  return shape.const ?? OF_TYPE[shape.type ?? '']?.(shape, random, name) ?? hostileValue(random);
}

const OF_TYPE: Readonly<Record<string, (shape: Shape, random: Random, name: string) => unknown>> = {
  object: (shape, random) => objectOf(shape, random),
  array: ({ maxItems = 4, items = {} }, random) =>
    random.list(Math.min(maxItems, 4), () => valueOf(items, random)),
  integer: (shape, random) => numberOf(shape, random),
  number: (shape, random) => numberOf(shape, random),
  boolean: (_, random) =>
    random.chance(0.8) ? random.chance(0.5) : random.pick(['true', 'False', 'yes']),
  string: (shape, random, name) => textOf(shape, random, name),
};

function objectOf(shape: Shape, random: Random): object {
  const entries = Object.entries(shape.properties ?? {})
    .filter(([name]) => random.chance(shape.required?.includes(name) === true ? 0.95 : 0.4))
    .map(([name, each]) => [name, valueOf(each, random, name)] as const);
  const isOpen = shape.additionalProperties !== false;
  if (random.chance(isOpen ? 0.3 : 0.05)) {
    const more = typeof shape.additionalProperties === 'object' ? shape.additionalProperties : {};
    entries.push([someText(random), valueOf(more, random)]);
  }
  return Object.fromEntries(entries);
}

function numberOf({ minimum = 0, maximum = 4096 }: Shape, random: Random): unknown {
  const number = random.one(
    () => random.between(minimum, Math.max(minimum, maximum)),
    () => random.pick(SIZES),
    () => minimum,
    () => maximum,
    () => maximum + 1,
    () => minimum - 1,
    () => someNumber(random),
  );
  return random.chance(0.2) ? String(number) : number;
}

function textOf({ format }: Shape, random: Random, name: string): string {
  if (format === 'uuid' || /vmid/i.test(name)) {
    const id = random.pick(VM_IDS);
    return random.chance(0.9) ? id : (
        random.pick([id.toUpperCase(), id.replaceAll('-', ''), `${id} `, ''])
      );
  }
  if (/xml/i.test(name)) return random.chance(0.7) ? random.pick(XML) : someText(random);
  return random.chance(0.4) ? random.pick(WORDS) : someText(random);
}

/** Returns any JSON value, also with the names of an object's own parts. */
export function hostileValue(random: Random, depth = 0): unknown {
  const inner = (): unknown => (depth > 3 ? 0 : hostileValue(random, depth + 1));
  return random.one<unknown>(
    () => someText(random),
    () => someNumber(random),
    () => random.pick([null, true, false, '', [], {}]),
    () => random.list(4, inner),
    () => Object.fromEntries(random.list(4, () => [someText(random), inner()] as const)),
  );
}
