import { execFileSync } from 'node:child_process';

const ip = (...args: readonly string[]): string =>
  execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** The address of the machine that Prometheus, the engine and vmemctl run on. */
const OWN_ADDRESS = '10.77.0.1/24';
const FIRST_HOST = 11;

/** An address that no machine of the network has. */
export const NOBODY = '10.77.0.250';

export const addressOf = (index: number): string => `10.77.0.${String(FIRST_HOST + index)}`;

/** Makes a bridge for the hosts, in the network namespace of this process. */
export function openNetwork(): void {
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'fleet', 'type', 'bridge');
  ip('address', 'add', OWN_ADDRESS, 'dev', 'fleet');
  ip('link', 'set', 'fleet', 'up');
}

/** Makes a network namespace of this name, with an address on the bridge. */
export function addNamespace(name: string, address: string): void {
  ip('netns', 'add', name);
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  ip('link', 'set', name, 'master', 'fleet', 'up');
  ip('-n', name, 'address', 'add', `${address}/24`, 'dev', 'eth0');
  ip('-n', name, 'link', 'set', 'eth0', 'up');
  ip('-n', name, 'link', 'set', 'lo', 'up');
}

/** Returns how many bytes a host has sent and received on its network. */
export function trafficOf(name: string): number {
  const [link] = JSON.parse(ip('-s', '-j', 'link', 'show', name)) as {
    readonly stats64: Record<'rx' | 'tx', { readonly bytes: number }>;
  }[];
  return link === undefined ? NaN : link.stats64.rx.bytes + link.stats64.tx.bytes;
}
