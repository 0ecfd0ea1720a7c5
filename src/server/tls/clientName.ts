import { Resolver } from 'node:dns/promises';
import { isLoopback, withoutMapping } from '../../common/loopback.ts';

/** The names of an address by reverse DNS; rejects where there are none. */
export type Reverse = (address: string) => Promise<readonly string[]>;

const RESOLVER = { timeout: 2000, tries: 2 } as const;

const reverseDns: Reverse = (address) => new Resolver(RESOLVER).reverse(address);

/**
 * Whether a certificate with this common name is the peer's own: the name is its address or one of its names,
 * as VDSM's verify_client_cert has it. This machine itself always passes.
 */
export async function isNameOf(
  commonName: string,
  address: string,
  reverse: Reverse = reverseDns,
): Promise<boolean> {
  const peer = withoutMapping(address);
  const name = withoutMapping(commonName).toLowerCase();
  if (isLoopback(peer) || name === peer.toLowerCase()) return true;
  const names = await reverse(peer).catch((): string[] => []);
  return names.some((one) => one.toLowerCase() === name);
}
