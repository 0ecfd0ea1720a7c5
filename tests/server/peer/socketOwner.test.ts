import { endianness } from 'node:os';
import { expect, test } from '@jest/globals';
import { type Ends, ownerIn } from '../../../src/server/peer/socketOwner.ts';

const LITTLE = endianness() === 'LE';
const V4 = LITTLE ? '0100007F' : '7F000001';
const V6 = LITTLE ? '01000000' : '00000001';

const row = (local: string, remote: string, uid: number, inode: number): string =>
  `   0: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000  ${String(uid)}        0 ${String(inode)} 1 0000000000000000 20 0 0 10 -1\n`;

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n';

const ends = (address: string): Ends => ({
  localAddress: address,
  localPort: 40_000,
  remoteAddress: address,
  remotePort: 54_321,
});

test('the owner of an IPv4 socket is found by both of its ends', () => {
  const server = row(`${V4}:D431`, `${V4}:9C40`, 0, 1);
  const client = row(`${V4}:9C40`, `${V4}:D431`, 1000, 2);
  expect(ownerIn(HEAD + server + client, ends('127.0.0.1'))).toBe(1000);
});

test('the owner of an IPv6 socket is found', () => {
  const loopback = `${'0'.repeat(24)}${V6}`;
  const table = HEAD + row(`${loopback}:9C40`, `${loopback}:D431`, 1001, 2);
  expect(ownerIn(table, ends('::1'))).toBe(1001);
  expect(ownerIn(table, ends('0:0:0:0:0:0:0:1'))).toBe(1001);
});

test('an IPv4 address mapped to IPv6 is found in both spellings', () => {
  const mapped = `${'0'.repeat(16)}${LITTLE ? 'FFFF0000' : '0000FFFF'}${V4}`;
  const table = HEAD + row(`${mapped}:9C40`, `${mapped}:D431`, 1002, 2);
  expect(ownerIn(table, ends('::ffff:127.0.0.1'))).toBe(1002);
  expect(ownerIn(table, ends('::ffff:7f00:1'))).toBe(1002);
});

test('a socket that no process has any more has no owner, as the kernel writes root then', () => {
  const table = HEAD + row(`${V4}:9C40`, `${V4}:D431`, 0, 0);
  expect(ownerIn(table, ends('127.0.0.1'))).toBeUndefined();
});

test.each(['127.0.0.1', '::1', 'fe80::1%eth0', '1:2:3', '::1::2', 'x', '', '999.1.1.1', '1.2.3'])(
  'an end at "%s" that is not in the table has no owner',
  (address) => {
    expect(ownerIn(HEAD, ends(address))).toBeUndefined();
  },
);
