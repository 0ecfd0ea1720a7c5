import { expect, test } from '@jest/globals';
import { ByteBuffer } from '../../../src/server/stomp/byteBuffer.ts';

test('pieces are joined, and the buffer is empty afterwards', () => {
  const buffer = new ByteBuffer();
  for (const piece of ['a', '', 'bcd', 'e'.repeat(100)]) buffer.add(Buffer.from(piece));
  expect(buffer.length).toBe(104);
  const first = buffer.take();
  buffer.add(Buffer.from('f'));
  expect(first.toString()).toBe(`abcd${'e'.repeat(100)}`);
  expect(buffer.take().toString()).toBe('f');
  expect(buffer.take()).toHaveLength(0);
});
