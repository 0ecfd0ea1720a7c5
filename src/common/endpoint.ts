import { isIP, isIPv4, isIPv6 } from 'node:net';
import { withoutMapping } from './loopback.ts';

/** A place to listen on: a host name or an address, and a TCP port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const WITH_PORT = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/;

/** Reads `localhost`, `::1`, `localhost:54321` or `[::1]:54321`; without a port of its own it has `port`. */
export function readEndpoint(text: string, port: number): HostPort {
  const [, bracketed, plain, own] = WITH_PORT.exec(text) ?? [];
  const host = bracketed ?? plain;
  return host === undefined ? { host: text, port } : { host, port: Number(own) };
}

/** Returns the endpoint as text, with brackets around an IPv6 address. */
export const endpointText = ({ host, port }: HostPort): string =>
  `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;

/** Endpoints to listen on, and those that they include. */
export interface Distinct {
  readonly kept: readonly HostPort[];
  readonly dropped: readonly { readonly endpoint: HostPort; readonly by: HostPort }[];
}

/**
 * Leaves out endpoints that others include, as `::` includes every address: they could not be listened on as well. Names
 * are not resolved, except `localhost`.
 */
export function distinct(endpoints: readonly HostPort[]): Distinct {
  const all = endpoints.flatMap((each) =>
    isPartlyCovered(each, endpoints) ? loopback(each) : [each],
  );
  const kept: HostPort[] = [];
  const dropped: { endpoint: HostPort; by: HostPort }[] = [];
  for (const [index, endpoint] of all.entries()) {
    const by = all.find((each, i) => i !== index && includes(each, endpoint, i < index));
    if (by) dropped.push({ endpoint, by });
    else kept.push(endpoint);
  }
  return { kept, dropped };
}

/** Returns whether another endpoint, which it does not include itself, includes one of the two addresses of localhost. */
function isPartlyCovered(endpoint: HostPort, all: readonly HostPort[]): boolean {
  if (endpoint.host !== 'localhost') return false;
  const others = all.filter((each) => !includes(endpoint, each, true));
  const parts = loopback(endpoint).map((part) => others.some((each) => includes(each, part, true)));
  return parts.includes(true) && parts.includes(false);
}

const loopback = ({ port }: HostPort): readonly HostPort[] =>
  LOOPBACK.map((host) => ({ host, port }));

const LOOPBACK = ['127.0.0.1', '::1'] as const;

/** Returns whether `one` includes all addresses of `other`; equal ones include each other only if `one` is `first`. */
function includes(one: HostPort, other: HostPort, isFirst: boolean): boolean {
  // port 0 is a free one each time
  if (one.port !== other.port || one.port === 0) return false;
  const [ours, theirs] = [addressesOf(one.host), addressesOf(other.host)];
  const covered = theirs.every((address) => ours.some((each) => covers(each, address)));
  return covered && (isFirst || !ours.every((each) => theirs.includes(each)));
}

/** Addresses of a host as vmemd listens on it, in one form each. */
function addressesOf(host: string): readonly string[] {
  const address = withoutMapping(host).toLowerCase();
  if (address === 'localhost') return LOOPBACK;
  return [isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address];
}

/** Returns whether listening on `address` includes the other; `::` is dual-stack. */
const covers = (address: string, other: string): boolean =>
  address === other ||
  (address === '::' && isIP(other) !== 0) ||
  (address === '0.0.0.0' && isIPv4(other));
