import { Resolver } from 'node:dns/promises';
import type { Logger } from 'pino';
import { isLoopback, withoutMapping } from '../../common/loopback.ts';

/** Returns the names of an address by reverse DNS; rejects if there are none. */
export type Reverse = (address: string) => Promise<readonly string[]>;

interface NameOptions {
  readonly log: Logger;
  readonly reverse?: Reverse | undefined;
}

const RESOLVER = { timeout: 2000, tries: 2 } as const;

const reverseDns: Reverse = (address) => new Resolver(RESOLVER).reverse(address);

/**
 * Returns whether a certificate's common name is the peer's address or one of its names, as VDSM's verify_client_cert
 * requires. Peers on this machine always pass. A failed DNS lookup is logged and counts as no names.
 */
export async function isNameOf(
  commonName: string,
  address: string,
  { log, reverse = reverseDns }: NameOptions,
): Promise<boolean> {
  const peer = withoutMapping(address);
  const name = withoutMapping(commonName).toLowerCase();
  if (isLoopback(peer) || name === peer.toLowerCase()) return true;
  const names = await reverse(peer).catch((err: unknown): string[] => {
    log.debug({ err, address: peer }, 'reverse DNS failed');
    return [];
  });
  return names.some((one) => one.toLowerCase() === name);
}
