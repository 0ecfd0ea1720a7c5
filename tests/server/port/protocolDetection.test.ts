import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { detectProtocol } from '../../../src/server/port/protocolDetection.ts';
import { assertProperty } from '../../support/property.ts';

const first = (text: string) => detectProtocol(Buffer.from(text, 'latin1'));

test.each([
  ['GET / HTTP/1.1\r\n', 'http'],
  ['OPTIONS * HTTP/1.1\r\n', 'http'],
  ['CONNECT host:1 HTTP/1.1\r\n', 'http'],
  ['CONNECT\naccept-version:1.2\n\n\0', 'stomp'],
  ['CONNECT\r\naccept-version:1.2', 'stomp'],
  ['STOMP\n', 'stomp'],
  ['\n\r\nSEND\n', 'stomp'],
  ['UNSUBSCRIBE\n', 'stomp'],
  ['\x16\x03\x01', 'tls'],
  ['GET\n', 'unknown'],
  ['STOMP ', 'unknown'],
  ['get / HTTP/1.1', 'unknown'],
  ['HELO there', 'unknown'],
  ['{"jsonrpc"', 'unknown'],
  ['CONNECTED\n', 'unknown'],
  ['\n'.repeat(40), 'unknown'],
  ['\0', 'unknown'],
])('%j is detected as %s', (text, protocol) => expect(first(text)).toBe(protocol));

test.each(['', 'G', 'GET', 'CONNECT', 'C', '\r\n', 'UNSUBSCRIB'])(
  '%j is not enough for detection',
  (text) => expect(first(text)).toBeUndefined(),
);

test('the protocol is decided within 32 bytes and does not change', () => {
  assertProperty(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(64), (bytes, cut) => {
      const whole = detectProtocol(Buffer.from(bytes));
      if (bytes.length >= 32) expect(whole).toBeDefined();
      const part = detectProtocol(Buffer.from(bytes.subarray(0, cut)));
      if (part !== undefined) expect(whole).toBe(part);
    }),
  );
});
