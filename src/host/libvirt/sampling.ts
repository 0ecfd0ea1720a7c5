import {
  errorCode,
  LibvirtError,
  listFlag,
  StuckError,
  type Client,
  type Domain,
  type MemoryStats,
} from '../../libvirt/index.ts';
import { Milliseconds } from '../../common/units.ts';
import type { BalloonSample, CallOptions, SampleOptions } from '../hypervisor.ts';
import { cpuTimes } from './cpuTimes.ts';
import { sampleTogether, type Round } from './sampleTogether.ts';
import { toSample } from './toSample.ts';

/** Number of domains sampled one by one at a time: enough to keep the statistics connection's four places busy. */
const CONCURRENT_DOMAINS = 8;
/** A guest that has not answered by then is left out, and skipped until it answers. */
const GUEST_TIMEOUT = Milliseconds(3000);

const ACTIVE = listFlag.running | listFlag.paused;
const none: MemoryStats = new Map();

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
  const cpu = await cpuTimes(client, domain, info.cpuTime, options);
  const stats = await domain.memoryStats(options).catch((error: unknown) => {
    if (hasNoGuestStats(error)) return none;
    throw error;
  });
  return toSample(info, stats, cpu);
}

/**
 * Samples every running or paused domain over the statistics connection. A guest that hangs costs the others a second once,
 * and is skipped until it answers; if too many hang, samples have libvirt's own figures only. Leaves out domains that do
 * not answer or have disappeared. Rejects only for a lost connection or an aborted signal.
 */
export async function sampleAll(
  client: Client,
  { timeout = GUEST_TIMEOUT, signal, isUnsettled = () => false }: SampleOptions,
): Promise<ReadonlyMap<string, BalloonSample>> {
  const options = { timeout, ...(signal && { signal }) };
  const domains = await client.statistics.listAllDomains(ACTIVE, options);
  client.learnNames(domains);
  const round = { client, options, samples: new Map<string, BalloonSample>() };
  const asked = domains.filter(({ uuid }) => !client.isStuck(uuid));
  const single = asked.filter(({ uuid }) => isUnsettled(uuid));
  const left = await sampleTogether(
    round,
    asked.filter(({ uuid }) => !isUnsettled(uuid)),
  );
  await sampleEach(round, [...single, ...left]);
  return round.samples;
}

/** Samples these domains with calls for each of them. */
async function sampleEach({ client, options, samples }: Round, domains: readonly Domain[]) {
  const asked = domains.values();
  const work = async (): Promise<void> => {
    for (const { uuid } of asked) {
      try {
        samples.set(uuid, await sample(client, uuid, options));
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!client.isConnected) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_DOMAINS }, work));
}
