import {
  errorCode,
  LibvirtError,
  listFlag,
  memoryTag,
  StuckError,
  type Client,
  type DomainInfo,
  type MemoryStats,
} from '../../libvirt/index.ts';
import type { Seconds } from '../../common/units.ts';
import { KiB, Milliseconds } from '../../common/units.ts';
import type { BalloonSample, CallOptions } from '../hypervisor.ts';
import { cpuTimes, type CpuTimes } from './cpuTimes.ts';
import { domainStateOf } from './states.ts';

/** Number of domains sampled at a time: enough to keep the statistics connection's four places busy. */
const CONCURRENT_DOMAINS = 8;
/** A guest that has not answered by then is left out, and skipped until it answers. */
const GUEST_TIMEOUT = Milliseconds(3000);

const ACTIVE = listFlag.running | listFlag.paused;
const none: MemoryStats = new Map();

/**
 * Combines libvirt's replies into one sample; figures that the guest did not report are undefined. One literal: a round of
 * samples spends several times as long on spreads and copies.
 */
export function toSample(info: DomainInfo, stats: MemoryStats, cpu: CpuTimes = {}): BalloonSample {
  const number = (tag: number): number | undefined => {
    const value = stats.get(tag);
    return value === undefined ? undefined : Number(value);
  };
  const size = number as (tag: number) => KiB | undefined;
  return {
    state: domainStateOf(info.state),
    vcpus: info.vcpus,
    cpuTimeNs: cpu.cpuTimeNs ?? info.cpuTime,
    cpuAccountedNs: cpu.cpuAccountedNs,
    current: size(memoryTag.actualBalloon) ?? KiB(info.memory),
    maximum: KiB(info.maxMemory),
    available: size(memoryTag.available),
    unused: size(memoryTag.unused),
    usable: size(memoryTag.usable),
    diskCaches: size(memoryTag.diskCaches),
    rss: size(memoryTag.rss),
    swapIn: size(memoryTag.swapIn),
    swapOut: size(memoryTag.swapOut),
    majorFaults: number(memoryTag.majorFault),
    minorFaults: number(memoryTag.minorFault),
    lastUpdate: number(memoryTag.lastUpdate) as Seconds | undefined,
  };
}

/**
 * True if the driver has no guest statistics, or if stuck guests hold every place; the sample then has libvirt's own
 * figures only.
 */
const hasNoGuestStats = (error: unknown): boolean =>
  error instanceof StuckError ||
  (error instanceof LibvirtError && error.code === errorCode.noSupport);

async function sample(client: Client, uuid: string, options: CallOptions): Promise<BalloonSample> {
  const domain = client.statistics.domain(uuid);
  const info = await domain.getInfo(options);
  const cpu = await cpuTimes(client, domain, options);
  const stats = await domain.memoryStats(options).catch((error: unknown) => {
    if (hasNoGuestStats(error)) return none;
    throw error;
  });
  return toSample(info, stats, cpu);
}

/**
 * Samples every running or paused domain over the statistics connection, with one call per domain: bulk statistics are
 * a tenth faster, but one hung QEMU blocks all domains of the same call. Leaves out domains that do not answer or have
 * disappeared. If too many guests hang, the other samples have libvirt's own figures only. Rejects only for a lost
 * connection or an aborted signal.
 */
export async function sampleAll(
  client: Client,
  { timeout = GUEST_TIMEOUT, signal }: CallOptions,
): Promise<ReadonlyMap<string, BalloonSample>> {
  const options = { timeout, ...(signal && { signal }) };
  const domains = await client.statistics.listAllDomains(ACTIVE, options);
  client.learnNames(domains);
  const asked = domains.filter(({ uuid }) => !client.isStuck(uuid)).values();
  const samples = new Map<string, BalloonSample>();
  const work = async (): Promise<void> => {
    for (const { uuid } of asked) {
      try {
        samples.set(uuid, await sample(client, uuid, options));
      } catch (error) {
        signal?.throwIfAborted();
        if (!client.isConnected) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_DOMAINS }, work));
  return samples;
}
