import { expect, test } from '@jest/globals';
import { isNameOf, type Reverse } from '../../../src/server/tls/clientName.ts';
import { silent } from '../../support/call.ts';

const withoutNames: Reverse = () => Promise.reject(new Error('ENOTFOUND'));
const dns: Reverse = (address) =>
  address === '192.0.2.7' ? Promise.resolve(['other', 'Engine.example']) : withoutNames(address);

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['192.0.2.7', '::ffff:192.0.2.7'],
  ['2001:DB8::7', '2001:db8::7'],
  ['engine.EXAMPLE', '::ffff:192.0.2.7'],
  ['anything', '127.0.0.1'],
  ['anything', '::1'],
  ['anything', '::ffff:127.0.0.1'],
])('%s is a name of %s', async (name, address) => {
  expect(await isNameOf(name, address, { log: silent, reverse: dns })).toBe(true);
});

test.each([
  ['engine.example', '192.0.2.8'],
  ['192.0.2.7', '192.0.2.8'],
  ['example', '192.0.2.7'],
  ['undefined', '192.0.2.7'],
])('%s is not a name of %s', async (name, address) => {
  expect(await isNameOf(name, address, { log: silent, reverse: dns })).toBe(false);
});

test('without DNS an address has no names', async () => {
  expect(await isNameOf('host.invalid', 'no address', { log: silent })).toBe(false);
});
