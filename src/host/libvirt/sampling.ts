import {
  controlState,
  DeadlineError,
  errorCode,
  LibvirtError,
  listFlag,
  statsFlag,
  statsGroup,
  StuckError,
  type Client,
  type Domain,
  type MemoryStats,
} from '../../libvirt/index.ts';
import { Milliseconds } from '../../common/units.ts';
import type { BalloonSample, CallOptions, SampleOptions } from '../hypervisor.ts';
import { cpuTimes } from './cpuTimes.ts';
import { bulkSample, toSample } from './toSample.ts';

/**
 * Number of guests that one call asks: they share what a call costs both sides. libvirt asks them one after the other,
 * 1.4 ms each, so that all together take a thirtieth of {@link PATIENCE}.
 */
const GUESTS_PER_CALL = 25;
/** Number of such calls at a time: as many as the statistics connection has places for any guest. */
const CALLS = 2;
/** A call that has not returned by then waits for a guest that hangs. */
const PATIENCE = Milliseconds(1000);
/** How long libvirt has waited for a guest's monitor that hangs, in milliseconds; others take less even on busy hosts. */
const HUNG = PATIENCE / 2;
const GROUPS = statsGroup.state | statsGroup.cpuTotal | statsGroup.balloon;

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

/** One round of samples. */
interface Round {
  readonly client: Client;
  readonly options: CallOptions;
  readonly samples: Map<string, BalloonSample>;
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

/** Samples these domains in calls for several each; returns those that must be asked one by one. */
async function sampleTogether(round: Round, domains: readonly Domain[]): Promise<Domain[]> {
  const groups = Array.from({ length: Math.ceil(domains.length / GUESTS_PER_CALL) }, (_, n) =>
    domains.slice(n * GUESTS_PER_CALL, (n + 1) * GUESTS_PER_CALL),
  ).values();
  const left: Domain[] = [];
  const work = async (): Promise<void> => {
    for (const group of groups) left.push(...(await sampleGroup(round, group)));
  };
  await Promise.all(Array.from({ length: CALLS }, work));
  return left;
}

/** As {@link sampleTogether}, in one call, or in one more for each of them that hangs. */
async function sampleGroup(round: Round, group: readonly Domain[]): Promise<readonly Domain[]> {
  const { client, options } = round;
  for (let asked = group, late = 0; late <= CALLS; late++) {
    try {
      return await sampleInOneCall(round, asked);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!client.isConnected) throw error;
      if (!(error instanceof DeadlineError)) return asked;
      const hung = await hungAmong(round, asked);
      client.blame(hung);
      asked = asked.filter(({ uuid }) => !hung.includes(uuid));
    }
  }
  return [];
}

/** As {@link sampleTogether}; throws LibvirtError, a DeadlineError if one of them hangs. */
async function sampleInOneCall({ client, options, samples }: Round, asked: readonly Domain[]) {
  const records = await client.statistics.getAllDomainStats(
    asked,
    { stats: GROUPS, flags: statsFlag.noWait },
    { ...options, timeout: PATIENCE },
  );
  const left = new Set(records.map(({ domain }) => domain.uuid));
  for (const { domain, values } of records) {
    const sample = bulkSample(values);
    if (sample && left.delete(domain.uuid)) samples.set(domain.uuid, sample);
  }
  return asked.filter(({ uuid }) => left.has(uuid));
}

/** Returns the UUIDs of these domains whose monitor libvirt waits for. */
async function hungAmong({ options }: Round, domains: readonly Domain[]): Promise<string[]> {
  const hung: string[] = [];
  for (const domain of domains) {
    const info = await domain.getControlInfo(options).catch(() => undefined);
    if (info?.state === controlState.occupied && info.stateTime >= HUNG) hung.push(domain.uuid);
  }
  return hung;
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
