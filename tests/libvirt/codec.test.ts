import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bool,
  double,
  hyper,
  int,
  list,
  mapped,
  nothing,
  optional,
  quantity,
  record,
  text,
  uhyper,
  uint,
  type Codec,
} from '../../src/libvirt/codec.ts';
import { XdrError, XdrReader, XdrWriter } from '../../src/libvirt/xdr.ts';
import { assertProperty } from '../support/property.ts';

function encode<T>(codec: Codec<T>, value: T): Buffer {
  const writer = new XdrWriter();
  codec.write(writer, value);
  return writer.bytes;
}

function roundTrip<T>(codec: Codec<T>, value: T): T {
  const reader = new XdrReader(encode(codec, value));
  const read = codec.read(reader);
  expect(reader.remaining).toBe(0);
  return read;
}

const everything = record({
  int,
  uint,
  hyper,
  uhyper,
  quantity,
  double,
  bool,
  text,
  maybe: optional(text),
  many: list(record({ a: int, b: text }), 10),
  nothing,
});

const anything = fc.record({
  int: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  uint: fc.integer({ min: 0, max: 0xffff_ffff }),
  hyper: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uhyper: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  quantity: fc.maxSafeNat(),
  double: fc.double(),
  bool: fc.boolean(),
  text: fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0')),
  maybe: fc.option(fc.constantFrom('', 'x', 'ü€😀'), { nil: undefined }),
  many: fc.array(fc.record({ a: fc.nat(0x7fff_ffff), b: fc.constantFrom('', 'b') }), {
    maxLength: 10,
  }),
  nothing: fc.constant(undefined),
});

test('every value is decoded as it was encoded', () => {
  assertProperty(
    fc.property(anything, (value) => {
      expect(roundTrip(everything, value)).toEqual(value);
    }),
  );
});

test('any bytes are decoded or refused with an XdrError', () => {
  assertProperty(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        everything.read(new XdrReader(Buffer.from(bytes)));
      } catch (error) {
        expect(error).toBeInstanceOf(XdrError);
      }
    }),
  );
});

test.each([
  [int, 0x8000_0000],
  [int, 1.5],
  [int, NaN],
  [uint, -1],
  [uint, 2 ** 32],
  [quantity, -1],
  [quantity, 2 ** 53],
])('a number out of range is refused', (codec, value) => {
  expect(() => encode(codec, value)).toThrow(XdrError);
});

test('libvirt’s "unlimited" is exact', () => {
  expect(roundTrip(quantity, 9_007_199_254_740_991)).toBe(9_007_199_254_740_991);
});

test('a text with a NUL is refused, because the daemon would cut it there', () => {
  expect(() => encode(text, 'a\0b')).toThrow('NUL');
});

test("a text above libvirt's limit is refused when encoded and when decoded", () => {
  expect(() => encode(text, 'x'.repeat(4 * 1024 * 1024 + 1))).toThrow(XdrError);
  expect(() => text.read(new XdrReader(Buffer.from('ffffffff', 'hex')))).toThrow(XdrError);
});

test("a text of just libvirt's limit is encoded and decoded", () => {
  const longest = 'x'.repeat(4 * 1024 * 1024);
  expect(roundTrip(text, longest) === longest).toBe(true);
  const bytes = Buffer.concat([encode(text, longest), Buffer.alloc(4)]);
  bytes.writeUInt32BE(longest.length + 1);
  expect(() => text.read(new XdrReader(bytes))).toThrow("more than libvirt's limit");
});

test('errors say by their names what could not be read', () => {
  expect(new XdrError('x')).toMatchObject({ name: 'XdrError', message: 'x' });
});

test('a list above its maximum is refused when encoded and when decoded', () => {
  expect(() => encode(list(int, 1), [1, 2])).toThrow(XdrError);
  expect(() => list(int, 1).read(new XdrReader(encode(list(int, 2), [1, 2])))).toThrow(XdrError);
});

test("a list with a count above the message's size is refused before it is read", () => {
  expect(() => list(int, 1000).read(new XdrReader(Buffer.from('00000064', 'hex')))).toThrow(
    'A list has an impossible count of 100 items.',
  );
  const nine = Buffer.alloc(4 + 9 * 4);
  nine.writeUInt32BE(10);
  expect(() => list(int, 1000).read(new XdrReader(nine))).toThrow(
    'A list has an impossible count of 10 items.',
  );
  nine.writeUInt32BE(9);
  expect(list(int, 1000).read(new XdrReader(nine))).toHaveLength(9);
});

test('an empty text differs from an absent one', () => {
  expect(encode(optional(text), '').toString('hex')).toBe('0000000100000000');
  expect(encode(optional(text), undefined).toString('hex')).toBe('00000000');
});

test('a mapped codec changes the type but not the bytes', () => {
  const yesNo = mapped(
    bool,
    (value) => (value ? 'yes' : 'no'),
    (value) => value === 'yes',
  );
  expect(encode(yesNo, 'yes')).toEqual(encode(bool, true));
  expect(roundTrip(yesNo, 'no')).toBe('no');
});
