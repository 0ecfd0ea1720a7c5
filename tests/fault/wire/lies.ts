import type { Meddler } from './proxy.ts';

const LENGTH = 4;
const HEADER = 28;
const PROCEDURE = 12;
const TYPE = 16;
const SERIAL = 20;
const STATUS = 24;
const MESSAGE = 2;
const REPLY = 1;
const REMOTE_PROGRAM = 0x2000_8086;

/** What a daemon may do with a message besides sending it; `held` is what it has kept back. */
type Lie = (packet: Buffer, random: () => number, held: Buffer[]) => readonly Buffer[];

const changed = (packet: Buffer, change: (copy: Buffer) => unknown): Buffer => {
  const copy = Buffer.from(packet);
  change(copy);
  return copy;
};

const noise = (size: number, random: () => number): Buffer =>
  Buffer.from(Array.from({ length: size }, () => Math.floor(random() * 256)));

/** Returns the packet with another payload, and the length that this gives it. */
function withPayload(packet: Buffer, payload: Buffer): Buffer {
  const whole = Buffer.concat([packet.subarray(0, HEADER), payload]);
  whole.writeUInt32BE(whole.length, 0);
  return whole;
}

/** What vmemd can tell from the truth; the last three end the stream of messages. */
const PLAIN = {
  'a message twice': (packet) => [packet, packet],
  'a message after the next': (packet, _, held) => {
    held.push(packet);
    return [];
  },
  'a payload too long': (packet, random) => [
    withPayload(packet, Buffer.concat([packet.subarray(HEADER), noise(64, random)])),
  ],
  'an error of noise': (packet, random) => [
    withPayload(
      changed(packet, (copy) => copy.writeInt32BE(1, STATUS)),
      noise(40, random),
    ),
  ],
  'a reply to no call': (packet, random) => [
    changed(packet, (copy) => copy.writeUInt32BE(0x8000_0000 + Math.floor(random() * 1e6), SERIAL)),
    packet,
  ],
  'a reply of another procedure': (packet, random) => [
    changed(packet, (copy) => copy.writeInt32BE(450 + Math.floor(random() * 1e6), PROCEDURE)),
  ],
  'events that nobody asked for': (packet, random) => [
    ...Array.from({ length: 20 }, () =>
      changed(withPayload(packet, noise(60, random)), (copy) => {
        copy.writeInt32BE(MESSAGE, TYPE);
        copy.writeUInt32BE(0, SERIAL);
        copy.writeInt32BE(317 + Math.floor(random() * 125), PROCEDURE);
      }),
    ),
    packet,
  ],
  'a message of another program': (packet, random) => [
    changed(packet, (copy) => copy.writeUInt32BE(Math.floor(random() * 2 ** 32), LENGTH)),
    packet,
  ],
  'a message of 32 MiB': (packet) => [withPayload(packet, Buffer.alloc(32 * 1024 * 1024 - HEADER))],
  'a length of 4 GiB': (packet) => [changed(packet, (copy) => copy.writeUInt32BE(0xffff_ffff, 0))],
  'a length of 3 bytes': (packet) => [changed(packet, (copy) => copy.writeUInt32BE(3, 0))],
  'noise between messages': (packet, random) => [noise(100, random), packet],
} as const satisfies Record<string, Lie>;

/** What may look like the truth, and leads vmemd to wrong figures. */
const NOISE = {
  'a payload of noise': (packet, random) => [
    withPayload(packet, noise(packet.length - HEADER, random)),
  ],
  'a byte of noise': (packet, random) => [
    changed(packet, (copy) => {
      if (copy.length === HEADER) return;
      copy[HEADER + Math.floor(random() * (copy.length - HEADER))] = Math.floor(random() * 256);
    }),
  ],
  'a payload too short': (packet, random) => [
    withPayload(packet, packet.subarray(HEADER, HEADER + Math.floor(random() * packet.length))),
  ],
} as const satisfies Record<string, Lie>;

export const LIES = { plain: PLAIN, noise: NOISE };

export interface LyingOptions {
  readonly lies: Readonly<Record<string, Lie>>;
  readonly random: () => number;
  /** The part of the messages that are lies. */
  readonly share: number;
  readonly onLie: (name: string) => void;
}

const raise = (): never => {
  throw new Error('there are no lies');
};

/** Passes messages of the daemon on, some of them as lies. */
export function lying({ lies, random, share, onLie }: LyingOptions): Meddler {
  const all = Object.entries(lies);
  const held: Buffer[] = [];
  const told = (packet: Buffer): readonly Buffer[] => {
    if (random() >= share) return [packet, ...held.splice(0)];
    const [name, lie] = all[Math.floor(random() * all.length)] ?? raise();
    onLie(name);
    return lie(packet, random, held);
  };
  return byMessage(told);
}

/** Returns a meddler that does this to each whole message. */
function byMessage(change: (packet: Buffer) => readonly Buffer[]): Meddler {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const pieces = [];
    while (rest.length >= LENGTH && rest.length >= rest.readUInt32BE(0)) {
      const size = rest.readUInt32BE(0);
      pieces.push(...change(rest.subarray(0, size)).map((each) => ({ bytes: each, delay: 0 })));
      rest = rest.subarray(size);
    }
    return pieces;
  };
}

/** Passes all but replies on while `isSilent` returns true: the daemon lives, and does not answer. */
export function silenced(isSilent: () => boolean): Meddler {
  const isReply = (packet: Buffer): boolean =>
    packet.readUInt32BE(LENGTH) === REMOTE_PROGRAM && packet.readInt32BE(TYPE) === REPLY;
  return byMessage((packet) => (isSilent() && isReply(packet) ? [] : [packet]));
}
