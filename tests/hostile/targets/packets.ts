import { nothing } from '../../../src/libvirt/codec.ts';
import { encodePacket, PacketError, PacketReader } from '../../../src/libvirt/packet.ts';
import { cut, mutated } from '../mutate.ts';
import type { Random } from '../random.ts';
import { growth } from '../growth.ts';
import type { Target, Verdict } from '../target.ts';
import { someBytes, wires } from '../wireValues.ts';

const LENGTHS = [0, 4, 27, 28, 29, 60, 2 ** 25, 2 ** 25 + 4, 2 ** 25 + 5, 2 ** 31, 2 ** 32 - 1];
const HEADER_BYTES = 28;
const all = [...wires.values()];

/** The reader of libvirt's packets: the same packets for any pieces, or a PacketError. */
export const packets: Target<readonly string[]> = {
  name: 'packets',
  weight: 30,
  make: (random) => {
    const stream = Array.from({ length: 1 + random.below(4) }, () => somePacket(random)).join('');
    return cut(random.chance(0.2) ? mutated(stream, random) : stream, random);
  },
  open: (size) =>
    Promise.resolve({
      judge: (pieces): Verdict =>
        outcome(pieces) === outcome([pieces.join('')]) ?
          undefined
        : 'pieces of a stream give other packets than the stream',
      close: () => Promise.resolve(growth(SHAPES, outcome, size)),
    }),
};

/** Returns a packet's bytes as text of their values. */
function somePacket(random: Random): string {
  const word = (): number => random.pick([0, 1, 2, 0x2000_8086, 0x6b65_6570, 2 ** 31 - 1]);
  const header = encodePacket(
    {
      program: word(),
      version: 1,
      procedure: word(),
      type: random.below(6),
      serial: word(),
      status: random.below(4),
    },
    nothing,
    undefined,
  );
  const { bytes } = someBytes(random, random.pick(all));
  const length = random.chance(0.9) ? HEADER_BYTES + bytes.length : random.pick(LENGTHS);
  header.writeUInt32BE(length);
  return Buffer.concat([header, bytes]).toString('latin1');
}

function outcome(pieces: readonly string[]): string {
  const reader = new PacketReader();
  const found: unknown[] = [];
  try {
    for (const piece of pieces) {
      for (const { payload, ...header } of reader.push(Buffer.from(piece, 'latin1'))) {
        found.push(header, payload.toString('latin1'));
      }
    }
  } catch (error) {
    if (!(error instanceof PacketError)) throw error;
    found.push('refused');
  }
  return JSON.stringify(found);
}

function packetOf(size: number): string {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(HEADER_BYTES + size);
  return header.toString('latin1') + 'x'.repeat(size);
}

const SHAPES: Readonly<Record<string, (size: number) => readonly string[]>> = {
  'bytes of a packet, one by one': (n) => packetOf(10 * n).split(''),
  'packets in one piece': (n) => [packetOf(0).repeat(n)],
};
