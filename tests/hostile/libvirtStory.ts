import { nothing } from '../../src/libvirt/codec.ts';
import { events } from '../../src/libvirt/events.ts';
import {
  encodePacket,
  KEEPALIVE_PROGRAM,
  messageStatus,
  messageType,
  REMOTE_PROGRAM,
} from '../../src/libvirt/packet.ts';
import { procedures } from '../../src/libvirt/procedures.ts';
import type { Random } from './random.ts';
import { someBytes, wires } from './wireValues.ts';

/** The calls of a story, none of which has arguments that matter. */
export const CALLS = [
  'domainGetInfo',
  'connectListAllDomains',
  'connectGetAllDomainStats',
  'domainGetXmlDesc',
  'connectGetVersion',
  'domainReset',
  'nodeGetInfo',
] as const;
export type Call = (typeof CALLS)[number];

/** One thing that the daemon sends. */
export type Sent =
  | {
      readonly kind: 'packet';
      readonly program: number;
      readonly version: number;
      readonly procedure: number;
      readonly type: number;
      /** Added to the serial of the call. */
      readonly serial: number;
      readonly status: number;
      /** In base64. */
      readonly payload: string;
      /** The length that the packet claims, where it is another than its own. */
      readonly length?: number;
    }
  /** Keepalive questions. */
  | { readonly kind: 'pings'; readonly count: number };

/** A call, what the daemon sends for it, and in which pieces. */
export interface Exchange {
  readonly call: Call;
  readonly sent: readonly Sent[];
  /** Of so many bytes. */
  readonly pieces: number;
}

export interface Story {
  readonly exchanges: readonly Exchange[];
}

export const someStory = (random: Random): Story => ({
  exchanges: Array.from({ length: 1 + random.below(4) }, () => {
    const call = random.pick(CALLS);
    return {
      call,
      sent: random.list(4, () => someSent(random, call)),
      pieces: random.pick([100_000, 100_000, 1000, 7, 1]),
    };
  }),
});

const eventNames = Object.keys(events) as (keyof typeof events)[];

function someSent(random: Random, call: Call): Sent {
  const own = procedures[call].number;
  return random.one<Sent>(
    () => reply(random, call),
    () => reply(random, call),
    () => ({ ...reply(random, 'error'), procedure: own, status: messageStatus.error }),
    () => ({ ...reply(random, call), ...someHeader(random) }),
    () => {
      const kind = random.pick(eventNames);
      const { bytes } = someBytes(random, wireOf(`event:${kind}`));
      const payload = Buffer.concat([Buffer.alloc(4, random.below(3)), bytes]).toString('base64');
      const { procedure } = events[kind];
      return { ...reply(random, call), procedure, type: messageType.message, serial: 0, payload };
    },
    () => ({ kind: 'pings', count: random.pick([1, 2, 50]) }),
    () =>
      random.chance(0.2) ?
        { ...reply(random, call), length: random.pick([0, 27, 2 ** 25 + 5, 2 ** 32 - 1]) }
      : { ...reply(random, call), serial: random.pick([1, -1, 7]) },
  );
}

const wireOf = (name: string) => {
  const found = wires.get(name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
};

function reply(random: Random, call: Call | 'error') {
  return {
    kind: 'packet',
    program: REMOTE_PROGRAM,
    version: 1,
    procedure: call === 'error' ? 0 : procedures[call].number,
    type: messageType.reply,
    serial: 0,
    status: messageStatus.ok,
    payload: someBytes(random, wireOf(call)).bytes.toString('base64'),
  } as const;
}

const someHeader = (random: Random) =>
  random.one<Partial<Extract<Sent, { kind: 'packet' }>>>(
    () => ({
      program: random.pick([0, KEEPALIVE_PROGRAM, 0x2000_8087, 0x2000_8088]),
      procedure: 99,
    }),
    () => ({ version: random.pick([0, 2, 2 ** 32 - 1]) }),
    () => ({ procedure: random.pick([0, 16, 273, 318, -1, 9999]) }),
    () => ({ type: random.pick([0, 2, 3, 4, 5, 99, -1]) }),
    () => ({ status: random.pick([1, 2, 3, -1]) }),
  );

/** Returns the bytes of what is sent for the call with that serial. */
export function bytesOf(sent: Sent, serial: number): Buffer {
  if (sent.kind === 'pings') return Buffer.concat(Array.from({ length: sent.count }, () => PING));
  const { payload, length, serial: further, program, version, procedure, type, status } = sent;
  const bytes = Buffer.from(payload, 'base64');
  const packet = Buffer.concat([
    encodePacket(
      { program, version, procedure, type, status, serial: (serial + further) >>> 0 },
      nothing,
      undefined,
    ),
    bytes,
  ]);
  packet.writeUInt32BE(length ?? packet.length);
  return packet;
}

const keepAlive = { program: KEEPALIVE_PROGRAM, version: 1, type: 2, serial: 0, status: 0 };
export const PING = encodePacket({ ...keepAlive, procedure: 1 }, nothing, undefined);
