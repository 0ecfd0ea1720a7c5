import { Milliseconds } from '../../common/units.ts';
import {
  controlState,
  DeadlineError,
  statsFlag,
  statsGroup,
  type Client,
  type Domain,
} from '../../libvirt/index.ts';
import type { BalloonSample, CallOptions } from '../hypervisor.ts';
import { bulkSample } from './toSample.ts';

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

/** One round of samples. */
export interface Round {
  readonly client: Client;
  readonly options: CallOptions;
  readonly samples: Map<string, BalloonSample>;
}

/** Samples these domains in calls for several each; returns those that must be asked one by one. */
export async function sampleTogether(round: Round, domains: readonly Domain[]): Promise<Domain[]> {
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
  // No domains would stand for all.
  for (let asked = group, late = 0; asked.length > 0 && late <= CALLS; late++) {
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
