import { procedures } from '../../src/libvirt/procedures.ts';
import { events } from '../../src/libvirt/events.ts';
import { remoteError } from '../../src/libvirt/protocol.ts';
import type { Codec } from '../../src/libvirt/codec.ts';
import { XdrWriter } from '../../src/libvirt/xdr.ts';
import type { Random } from './random.ts';
import { someText } from './text.ts';

type Maker = (random: Random) => unknown;

const int: Maker = (random) => random.pick([0, 1, -1, 2 ** 31 - 1, -(2 ** 31), random.below(100)]);
const uint: Maker = (random) => random.pick([0, 1, 2 ** 32 - 1, random.below(100)]);
const quantity: Maker = (random) => random.pick([0, 1024, 2 ** 53 - 1, random.below(2 ** 40)]);
const uhyper: Maker = (random) =>
  random.pick([0n, 1n, 2n ** 64n - 1n, BigInt(random.below(2 ** 40))]);
const text: Maker = (random) => someText(random).replace(/[\0\ud800-\udfff]/g, '');
const maybe =
  (maker: Maker): Maker =>
  (random) =>
    random.chance(0.5) ? undefined : maker(random);
const many =
  (maker: Maker, most = 4): Maker =>
  (random) =>
    random.list(most, () => maker(random));
const fields =
  (makers: Readonly<Record<string, Maker>>): Maker =>
  (random) =>
    Object.fromEntries(Object.entries(makers).map(([name, maker]) => [name, maker(random)]));

const uuid: Maker = (random) =>
  '00000000-0000-0000-0000-000000000000'.replace(/0/g, () => random.below(16).toString(16));
const someRef = fields({ name: text, uuid, id: int });

const VALUES: readonly Maker[] = [
  int,
  uint,
  (random) => random.pick([0n, -1n, 2n ** 63n - 1n]),
  uhyper,
  (random) => random.pick([0.5, -0, Infinity, 1e308]),
  (random) => random.chance(0.5),
  text,
];
const parameter: Maker = (random) => {
  const type = random.below(VALUES.length);
  return { field: text(random), type: type + 1, value: VALUES[type]?.(random) };
};
const parameters = many(parameter);

/** What the daemon may reply, by procedure; of those that are not named, the codec alone decides. */
const RESULTS: Readonly<Record<string, Maker>> = {
  nodeGetInfo: fields({
    model: (random) => random.pick(['x86_64', '', 'i'.repeat(32)]),
    memory: quantity,
    cpus: int,
    mhz: int,
    nodes: int,
    sockets: int,
    cores: int,
    threads: int,
  }),
  domainGetInfo: fields({
    state: uint,
    maxMemory: quantity,
    memory: quantity,
    vcpus: uint,
    cpuTime: uhyper,
  }),
  authList: many(int),
  domainMemoryStats: many(fields({ tag: int, value: uhyper }), 12),
  domainGetState: fields({ state: int, reason: int }),
  domainGetControlInfo: fields({ state: uint, details: uint, stateTime: quantity }),
  nodeGetMemoryStats: fields({
    values: many(fields({ field: text, value: quantity })),
    count: int,
  }),
  domainGetCpuStats: fields({ parameters, count: int }),
  connectListAllDomains: fields({ domains: many(someRef), count: uint }),
  domainGetJobStats: fields({ type: int, parameters }),
  connectGetAllDomainStats: many(fields({ domain: someRef, parameters })),
};
const PLAIN: readonly Maker[] = [() => undefined, text, int, quantity, someRef];

const EVENTS: Readonly<Record<string, Maker>> = {
  lifecycle: fields({ dom: someRef, event: int, detail: int }),
  reboot: fields({ dom: someRef }),
  'balloon-change': fields({ dom: someRef, actual: quantity }),
  'metadata-change': fields({ dom: someRef, type: int, uri: maybe(text) }),
  'memory-device-size-change': fields({ dom: someRef, alias: text, size: quantity }),
};
const deviceEvent = fields({ dom: someRef, alias: text });

const someError = fields({
  code: int,
  domain: int,
  message: maybe(text),
  level: int,
  about: maybe(someRef),
  str1: maybe(text),
  str2: maybe(text),
  str3: maybe(text),
  int1: int,
  int2: int,
});

/** Something that is encoded on the wire: a name, and its codec. */
export interface Wire {
  readonly codec: Codec<unknown>;
  readonly make: Maker;
}

/** The replies, by `procedure`, the events, by `event:kind`, and `error`. */
export const wires: ReadonlyMap<string, Wire> = new Map<string, Wire>([
  ...Object.values(procedures).map(({ name, result }): [string, Wire] => {
    const codec = result as Codec<unknown>;
    return [name, { codec, make: RESULTS[name] ?? plainMaker(codec) }];
  }),
  ...Object.entries(events).map(([kind, { payload }]): [string, Wire] => [
    `event:${kind}`,
    { codec: payload, make: EVENTS[kind] ?? deviceEvent },
  ]),
  ['error', { codec: remoteError, make: someError }],
]);

/** Returns the one of the plain makers whose values the codec writes. */
function plainMaker(codec: Codec<unknown>): Maker {
  const samples: readonly unknown[] = [
    undefined,
    'a',
    -1,
    2 ** 40,
    { name: 'a', uuid: '00000000-0000-0000-0000-000000000000', id: 1 },
  ];
  const sizes = [0, 8, 4, 8, 28];
  const at = samples.findIndex((sample, i) => {
    try {
      const writer = new XdrWriter();
      codec.write(writer, sample);
      return writer.bytes.length === sizes[i];
    } catch {
      return false;
    }
  });
  const maker = PLAIN[at];
  if (!maker) throw new Error('a reply of an unknown form; give it a maker');
  return maker;
}

/** Notes where words of four bytes stand: lengths, counts, types and numbers. */
class NotingWriter extends XdrWriter {
  readonly words: number[] = [];

  override uint32(value: number): void {
    this.words.push(this.bytes.length);
    super.uint32(value);
  }
  override int32(value: number): void {
    this.words.push(this.bytes.length);
    super.int32(value);
  }
}

const WORDS = [
  0,
  1,
  2,
  3,
  7,
  8,
  1025,
  4097,
  16_385,
  2 ** 22 + 1,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32 - 3,
];

/** The bytes of a value, and whether they are as the value's codec writes them. */
export interface Bytes {
  readonly bytes: Buffer;
  readonly isIntact: boolean;
}

/** Returns a value's bytes, mostly with changes where they mean something. */
export function someBytes(random: Random, { codec, make }: Wire): Bytes {
  const writer = new NotingWriter();
  codec.write(writer, make(random));
  let bytes: Buffer = Buffer.from(writer.bytes);
  if (random.chance(0.25)) return { bytes, isIntact: true };
  const { words } = writer;
  for (let left = 1 + random.below(3); left > 0; left--) {
    bytes = random.one(
      () => withWord(bytes, random.pick(words), random.pick(WORDS)),
      () => withWord(bytes, random.pick(words), random.pick(WORDS)),
      () => withWord(bytes, random.pick(words), (random.below(200) - 100) >>> 0),
      () => bytes.subarray(0, random.below(bytes.length + 1)),
      () => Buffer.concat([bytes, Buffer.alloc(random.below(40), random.below(256))]),
      () => Buffer.concat([bytes, bytes]),
      () => withByte(bytes, random.below(bytes.length), random.below(256)),
    );
  }
  return { bytes, isIntact: false };
}

function withWord(bytes: Buffer, at: number | undefined, word: number): Buffer {
  const copy = Buffer.from(bytes);
  if (at !== undefined && at + 4 <= copy.length) copy.writeUInt32BE(word, at);
  return copy;
}

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  if (at < copy.length) copy[at] = value;
  return copy;
}
