import { expect, test } from '@jest/globals';
import { isLoopback, withoutMapping } from '../../src/common/loopback.ts';

test.each(['localhost', '127.0.0.1', '127.255.0.1', '::1', '::ffff:127.0.0.1', '::FFFF:127.1.2.3'])(
  '%s is reachable from this machine only',
  (address) => {
    expect(isLoopback(address)).toBe(true);
  },
);

test.each([
  '',
  '::',
  '0.0.0.0',
  '10.0.0.1',
  '::ffff:10.0.0.1',
  '127.evil.example',
  '127.1',
  '::127.0.0.1',
])('%j may be reachable from other machines', (address) => {
  expect(isLoopback(address)).toBe(false);
});

test('only an IPv4 address loses its IPv6 mapping', () => {
  expect(withoutMapping('::ffff:10.0.0.1')).toBe('10.0.0.1');
  expect(withoutMapping('::ffff:a00:1')).toBe('::ffff:a00:1');
});
