import { setTimeout as pause } from 'node:timers/promises';
import type { Fleet } from './fleet.ts';
import type { FleetHost } from './host.ts';
import { type Report, sum } from './report.ts';

const LOOK_MS = 2000;
const KIB = 1024;
/** Between two looks a figure may be beyond both. */
const SLACK = 0.02;

/** Sums of hosts that do not change while VMs run on. */
const CONSTANT = {
  'job:vmemd_vm_guaranteed_bytes:sum': ({ promised }: Look) => promised,
  'job:vmemd_host_memory_capacity_bytes:sum': ({ capacity }: Look) => capacity,
  'job:vmemd_vm_memory_bytes:sum': ({ memory }: Look) => memory,
  'job:vmemd_vm_info:count': ({ vms }: Look) => vms,
};
/** Sums that move with the loads of the guests. */
const MOVING = {
  'job:vmemd_host_memory_freeable_bytes:sum': ({ freeable }: Look) => freeable,
  'job:vmemd_host_memory_promisable_bytes:sum': ({ promisable }: Look) => promisable,
};

/** Compares what Prometheus has recorded of the fleet with what the API of each host says. */
export async function compareSums(
  { hosts, prometheus }: Pick<Fleet, 'hosts' | 'prometheus'>,
  report: Report,
  interval: number,
): Promise<void> {
  report.step('The recorded sums beside the sums of what each host says');
  const looks: (readonly Look[])[] = [];
  for (let at = 0; at <= 3 * interval * 1000; at += LOOK_MS) {
    looks.push(await Promise.all(hosts.map(lookAt)));
    await pause(LOOK_MS);
  }
  const last = looks.at(-1) ?? [];
  for (const [series, of] of Object.entries(CONSTANT)) {
    const said = sum(last.map(of));
    const recorded = await prometheus.value(series);
    report.check(`${series} is ${String(said)}`, recorded === said, recorded);
  }
  for (const [series, of] of Object.entries(MOVING)) {
    const bound = (choose: (...values: number[]) => number) =>
      sum(hosts.map((_, host) => choose(...looks.map((look) => at(look, host, of)))));
    const [low, high] = [bound(Math.min), bound(Math.max)];
    const recorded = (await prometheus.value(series)) ?? NaN;
    const isSo = recorded >= low * (1 - SLACK) && recorded <= high * (1 + SLACK);
    report.check(`${series} is between ${String(low)} and ${String(high)}`, isSo, recorded);
  }
  const starved = await prometheus.value('job:vmemd_vm_starved:count');
  report.check('starved guests are counted', starved !== undefined, starved);
  const acting = await prometheus.value('count(vmemd_policy_mode{mode="act"} == 1)');
  report.check(
    "the engine's balloonEnabled has turned every policy on",
    acting === hosts.length,
    acting,
  );
}

interface Look {
  readonly promised: number;
  readonly capacity: number;
  readonly memory: number;
  readonly vms: number;
  readonly freeable: number;
  readonly promisable: number;
}

const at = (looks: readonly Look[], host: number, of: (look: Look) => number): number => {
  const look = looks[host];
  return look ? of(look) : NaN;
};

async function lookAt({ client }: FleetHost): Promise<Look> {
  const [{ host, vms }, headroom] = await Promise.all([
    client.call('Host.getOverview'),
    client.call('Host.getMemoryHeadroom'),
  ]);
  return {
    promised: KIB * host.promised_kib,
    capacity: KIB * headroom.capacity_kib,
    memory: KIB * sum(vms.map(({ maximum_kib: size = NaN }) => size)),
    vms: host.vms,
    freeable: KIB * headroom.freeable_kib,
    promisable: KIB * headroom.promisable_kib,
  };
}
