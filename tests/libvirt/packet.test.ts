import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { text } from '../../src/libvirt/codec.ts';
import {
  encodePacket,
  PACKET_MAX,
  PacketError,
  PacketReader,
  messageStatus,
  messageType,
  PROGRAM_VERSION,
  REMOTE_PROGRAM,
  type Packet,
} from '../../src/libvirt/packet.ts';
import { XdrReader } from '../../src/libvirt/xdr.ts';
import { assertProperty } from '../support/property.ts';

const header = (serial: number) => ({
  program: REMOTE_PROGRAM,
  version: PROGRAM_VERSION,
  procedure: 16,
  type: messageType.call,
  serial,
  status: messageStatus.ok,
});

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

const textOf = ({ payload }: Packet): string => text.read(new XdrReader(payload));

test('encodes a call as libvirt does', () => {
  expect(encodePacket(header(7), text, 'ab').toString('hex')).toBe(
    '00000024' +
      '20008086' +
      '00000001' +
      '00000010' +
      '00000000' +
      '00000007' +
      '00000000' +
      '0000000261620000',
  );
});

test('packets are whole and in order, however the stream is split', () => {
  assertProperty(
    fc.property(
      fc.array(
        fc.string().filter((each) => !each.includes('\0')),
        { maxLength: 8 },
      ),
      fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 10 }),
      (texts, sizes) => {
        const stream = Buffer.concat(texts.map((each, i) => encodePacket(header(i), text, each)));
        const reader = new PacketReader();
        const packets = cut(stream, sizes).flatMap((piece) => [...reader.push(piece)]);
        expect(packets.map(textOf)).toEqual(texts);
        expect(packets.map(({ serial }) => serial)).toEqual(texts.map((_, i) => i));
      },
    ),
  );
});

test.each([0, 27, 32 * 1024 * 1024 + 5, 0xffff_ffff])(
  'a packet of %i bytes is refused at once',
  (length) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(length);
    expect(() => [...new PacketReader().push(bytes)]).toThrow(PacketError);
  },
);

test.each([28, 32 * 1024 * 1024 + 4])('a packet of %i bytes is awaited', (length) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  expect([...new PacketReader().push(bytes)]).toEqual([]);
});

test('the error says by its name that the stream cannot be read further', () => {
  expect(new PacketError('x')).toMatchObject({ name: 'PacketError', message: 'x' });
});

test('a buffer may be reused as soon as its packets are read', () => {
  const stream = encodePacket(header(1), text, 'kept');
  const reader = new PacketReader();
  const buffer = Buffer.from(stream.subarray(0, 20));
  expect([...reader.push(buffer)]).toEqual([]);
  buffer.fill(0xff);
  expect([...reader.push(stream.subarray(20))].map(textOf)).toEqual(['kept']);
});

test('packets before an impossible one are still returned', () => {
  const good = encodePacket(header(1), text, 'good');
  const packets = new PacketReader().push(Buffer.concat([good, Buffer.alloc(4)]));
  expect(packets.next().value).toMatchObject({ serial: 1 });
  expect(() => packets.next()).toThrow(PacketError);
});

test('a packet that is too large is not encoded', () => {
  const huge = {
    write: (to: { opaque(bytes: Buffer): void }) => to.opaque(Buffer.alloc(PACKET_MAX)),
    read: () => 0,
  };
  expect(() => encodePacket(header(1), huge, 0)).toThrow(PacketError);
});
