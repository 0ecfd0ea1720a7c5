import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MessageBounds } from '../../../src/server/websocket/messageBounds.ts';
import { assertProperty } from '../../support/property.ts';

const PING = 9;

/** A masked frame as of RFC 6455 §5.2. */
function frame(code: number, length: number, isLast = true): Buffer {
  const first = code | (isLast ? 0x80 : 0);
  const extended = Buffer.alloc(
    length < 126 ? 0
    : length < 65_536 ? 2
    : 8,
  );
  if (extended.length === 2) extended.writeUInt16BE(length);
  if (extended.length === 8) extended.writeBigUInt64BE(BigInt(length));
  const size =
    extended.length === 0 ? length
    : extended.length === 2 ? 126
    : 127;
  return Buffer.concat([
    Buffer.from([first, 0x80 | size]),
    extended,
    Buffer.alloc(4 + length, 0xff),
  ]);
}

const message = fc
  .array(fc.constantFrom(0, 1, 125, 126, 300, 65_535, 65_536), { minLength: 1, maxLength: 3 })
  .map((parts) =>
    Buffer.concat(
      parts.flatMap((length, i) => [
        frame(i === 0 ? 1 : 0, length, i === parts.length - 1),
        ...(i < parts.length - 1 ? [frame(PING, 3)] : []),
      ]),
    ),
  );

test('the end of each message is seen, whatever the pieces of its bytes', () => {
  assertProperty(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 70_000 }),
      (messages, size) => {
        const bounds = new MessageBounds();
        messages.forEach((bytes, i) => {
          for (let at = 0; at < bytes.length; at += size) {
            expect(bounds.isPart).toBe(at > 0);
            bounds.read(bytes.subarray(at, at + size));
          }
          expect(bounds.isPart).toBe(false);
          expect(bounds.ended).toBe(i + 1);
        });
      },
    ),
    { seconds: 2 },
  );
});
