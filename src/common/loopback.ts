import { isIPv4 } from 'node:net';

/** An address as people write it: without the prefix that IPv4 peers carry on a dual-stack socket. */
export const withoutMapping = (address: string): string =>
  address.replace(/^::ffff:(?=\d+\.)/i, '');

/** Whether only this machine can reach, or be, this address; of names only localhost is known to be so. */
export function isLoopback(host: string): boolean {
  const address = withoutMapping(host);
  if (address === 'localhost' || address === '::1') return true;
  return isIPv4(address) && address.startsWith('127.');
}
