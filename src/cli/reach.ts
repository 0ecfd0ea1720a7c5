import { isLoopback } from '../common/loopback.ts';

/** URLs of the service without TLS and with it, if it can be reached so. */
export interface Reach {
  readonly plain?: string;
  readonly encrypted?: string;
}

export interface ReachOptions {
  /** Whether other machines must use TLS. */
  readonly ssl: boolean;
  /** The name of this machine for others. */
  readonly hostname: string;
}

/** Returns the URL of an address: `ws://` if clients may connect without TLS, else `wss://`. */
export const urlOf = (address: string, ssl: boolean): string =>
  `${ssl && !isLoopback(split(address).host) ? 'wss' : 'ws'}://${address}`;

/** Returns the best URLs of a service that listens at these addresses. */
export function reach(addresses: readonly string[], { ssl, hostname }: ReachOptions): Reach {
  const [everywhere] = addresses.filter((address) => ALL.has(split(address).host));
  const own = addresses.filter((address) => isLoopback(split(address).host));
  const [other] = addresses.filter((address) => !own.includes(address));
  const [one] = everywhere === undefined ? own : [everywhere];
  const name = (address: string, host: string): string => `${host}:${split(address).port}`;
  const isNamed = everywhere !== undefined || own.length > 1;
  const local = one !== undefined && isNamed ? name(one, 'localhost') : one;
  const plain = local ?? (ssl ? undefined : other);
  const others = everywhere === undefined ? other : name(everywhere, hostname);
  return {
    ...(plain === undefined ? {} : { plain: `ws://${plain}` }),
    ...(ssl && others !== undefined ? { encrypted: `wss://${others}` } : {}),
  };
}

const ALL: ReadonlySet<string> = new Set(['::', '0.0.0.0']);

/** Splits `127.0.0.1:54321` or `[::1]:54321`. */
function split(address: string): { readonly host: string; readonly port: string } {
  const colon = address.lastIndexOf(':');
  return {
    host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: address.slice(colon + 1),
  };
}
