import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { XdrError, XdrReader, XdrWriter } from '../../src/libvirt/xdr.ts';
import { assertProperty } from '../support/property.ts';

test('writes words in network order', () => {
  const writer = new XdrWriter();
  writer.int32(-2);
  writer.uint32(0xdead_beef);
  writer.uint64(1n);
  writer.int64(-1n);
  writer.float64(1.5);
  expect(writer.bytes.toString('hex')).toBe(
    'fffffffedeadbeef0000000000000001ffffffffffffffff3ff8000000000000',
  );
});

test('pads opaque bytes with zeros to four', () => {
  const writer = new XdrWriter();
  writer.opaque(Buffer.from('abcde'));
  expect(writer.bytes.toString('hex')).toBe('6162636465000000');
});

test('written data of any length can be read back', () => {
  assertProperty(
    fc.property(fc.array(fc.uint8Array({ maxLength: 500 }), { maxLength: 20 }), (pieces) => {
      const writer = new XdrWriter();
      for (const piece of pieces) writer.opaque(piece);
      const reader = new XdrReader(writer.bytes);
      for (const piece of pieces) expect([...reader.opaque(piece.length)]).toEqual([...piece]);
      expect(reader.remaining).toBe(0);
    }),
  );
});

test('never reads beyond the end', () => {
  const reader = new XdrReader(Buffer.alloc(6));
  reader.uint32();
  expect(() => reader.uint32()).toThrow(new XdrError('The message ends 2 bytes too early.'));
  expect(() => reader.opaque(1)).toThrow(XdrError);
});
