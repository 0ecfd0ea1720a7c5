import { isIPv4 } from 'node:net';

/** Returns the address without the prefix of IPv4 peers on a dual-stack socket. */
export const withoutMapping = (address: string): string =>
  address.replace(/^::ffff:(?=\d+\.)/i, '');

/** Returns the address of a connection's other end, as for logs; `unknown` after it has disconnected. */
export const peerAddress = ({
  remoteAddress,
}: {
  readonly remoteAddress?: string | undefined;
}): string => withoutMapping(remoteAddress ?? 'unknown');

/** Whether the address is reachable from this machine only; the only host name known as such is localhost. */
export function isLoopback(host: string): boolean {
  const address = withoutMapping(host);
  if (address === 'localhost' || address === '::1') return true;
  return isIPv4(address) && address.startsWith('127.');
}
