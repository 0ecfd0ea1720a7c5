import { expect, test } from '@jest/globals';
import { ByteBuffer } from '../../../src/server/stomp/byteBuffer.ts';

test('pieces are joined, and the buffer is empty afterwards', () => {
  const gather = new ByteBuffer();
  for (const piece of ['a', '', 'bcd', 'e'.repeat(100)]) gather.add(Buffer.from(piece));
  expect(gather.length).toBe(104);
  const first = gather.take();
  gather.add(Buffer.from('f'));
  expect(first.toString()).toBe(`abcd${'e'.repeat(100)}`);
  expect(gather.take().toString()).toBe('f');
  expect(gather.take()).toHaveLength(0);
});
