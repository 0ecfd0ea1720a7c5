import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { text } from '../../src/libvirt/codec.ts';
import {
  encodeFrame,
  FRAME_MAX,
  FrameError,
  FrameReader,
  messageStatus,
  messageType,
  PROGRAM_VERSION,
  REMOTE_PROGRAM,
  type Frame,
} from '../../src/libvirt/packet.ts';
import { XdrReader } from '../../src/libvirt/xdr.ts';

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

const textOf = ({ payload }: Frame): string => text.read(new XdrReader(payload));

test('lays a call out as libvirt does', () => {
  expect(encodeFrame(header(7), text, 'ab').toString('hex')).toBe(
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

test('frames come out whole and in order, however the stream was cut', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string().filter((each) => !each.includes('\0')),
        { maxLength: 8 },
      ),
      fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 10 }),
      (texts, sizes) => {
        const stream = Buffer.concat(texts.map((each, i) => encodeFrame(header(i), text, each)));
        const reader = new FrameReader();
        const frames = cut(stream, sizes).flatMap((piece) => [...reader.push(piece)]);
        expect(frames.map(textOf)).toEqual(texts);
        expect(frames.map(({ serial }) => serial)).toEqual(texts.map((_, i) => i));
      },
    ),
  );
});

test.each([0, 27, FRAME_MAX + 1, 0xffff_ffff])(
  'a frame of %i bytes is refused at once',
  (length) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(length);
    expect(() => [...new FrameReader().push(bytes)]).toThrow(FrameError);
  },
);

test('a buffer may be used again as soon as its frames were read', () => {
  const stream = encodeFrame(header(1), text, 'kept');
  const reader = new FrameReader();
  const buffer = Buffer.from(stream.subarray(0, 20));
  expect([...reader.push(buffer)]).toEqual([]);
  buffer.fill(0xff);
  expect([...reader.push(stream.subarray(20))].map(textOf)).toEqual(['kept']);
});

test('frames before an impossible one are still delivered', () => {
  const good = encodeFrame(header(1), text, 'good');
  const frames = new FrameReader().push(Buffer.concat([good, Buffer.alloc(4)]));
  expect(frames.next().value).toMatchObject({ serial: 1 });
  expect(() => frames.next()).toThrow(FrameError);
});

test('what is too large to be sent is refused before it is', () => {
  const huge = {
    write: (to: { opaque(bytes: Buffer): void }) => to.opaque(Buffer.alloc(FRAME_MAX)),
    read: () => 0,
  };
  expect(() => encodeFrame(header(1), huge, 0)).toThrow(FrameError);
});
