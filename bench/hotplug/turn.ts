import { setTimeout as sleep } from 'node:timers/promises';
import type * as Libvirt from '../../src/libvirt/index.ts';
import type { Notification } from '../../tests/support/wsClient.ts';
import { between, type Calls, callsOf, sum } from './calls.ts';
import { type Party, VM_ID } from './guest.ts';
import { next, type Source } from './news.ts';

/** Until the guest has taken a device up, and all that has happened is written down. */
const SETTLE_MS = 120;
/** What vmemd calls each second, and for the page of metrics. */
const SAMPLING = [
  'connectListAllDomains',
  'domainGetInfo',
  'domainMemoryStats',
  'nodeGetMemoryStats',
];

/** What hears of the guest. */
export interface Stage {
  /** Of vmemd. */
  readonly url: string;
  readonly told: Source<Notification>;
  readonly toldByLibvirt: Source<Libvirt.ClientEvent>;
  /** See {@link growthOf}. */
  readonly growth: () => Promise<() => Promise<number>>;
}

/** One device plugged and unplugged again, in milliseconds since each was asked for. */
export interface Turn {
  readonly plugged: number;
  /** Until libvirt tells that the device is gone, and until vmemd does. */
  readonly gone: number;
  readonly goneByVmemd: number;
  /** What vmemd called of libvirt meanwhile. */
  readonly plug: Work;
  readonly unplug: Work;
}

/** The call that makes the change, and all that were made for it, that one included. */
interface Work {
  readonly change: Calls;
  readonly all: Calls;
}

/** Plugs a device, leaves the guest the time to take it up, and unplugs it. */
export async function turn(stage: Stage, party: Party): Promise<Turn> {
  const idle = await callsOf(stage.url);
  const began = performance.now();
  await party.plug();
  const plugged = performance.now() - began;
  const afterPlug = await settledCalls(stage);
  const unplugging = await timeUnplug(stage, party);
  const afterUnplug = await settledCalls(stage);
  return {
    plugged,
    ...unplugging,
    plug: workOf(between(idle, afterPlug), 'domainAttachDeviceFlags'),
    unplug: workOf(between(afterPlug, afterUnplug), 'domainDetachDeviceFlags'),
  };
}

/** What becomes of a device that is plugged, in milliseconds since it was asked for. */
export interface Sight {
  /** Until the guest tells libvirt of the memory. */
  readonly grown: number;
  /** Until vmemd's job tells that the guest uses it. */
  readonly online: number;
}

/** Plugs so many devices, one once the guest is seen to use the other, and unplugs them. */
export async function sightsOf(
  stage: Stage,
  vmemd: Party,
  count: number,
): Promise<readonly Sight[]> {
  const sights: Sight[] = [];
  for (let i = 0; i < count; i++) sights.push(await sight(stage, vmemd));
  await sleep(SETTLE_MS);
  for (let i = 0; i < count; i++) await timeUnplug(stage, vmemd);
  return sights;
}

async function sight(stage: Stage, vmemd: Party): Promise<Sight> {
  const grown = await stage.growth();
  const online = next(stage.told, isOnline);
  const began = performance.now();
  await vmemd.plug();
  return { grown: (await grown()) - began, online: (await online) - began };
}

async function timeUnplug(stage: Stage, party: Party): Promise<Pick<Turn, 'gone' | 'goneByVmemd'>> {
  const unplug = await party.prepare();
  const gone = next(stage.toldByLibvirt, ({ kind }) => kind === 'device-removed');
  const goneByVmemd = next(stage.told, isRemoval);
  const began = performance.now();
  await unplug();
  return { gone: (await gone) - began, goneByVmemd: (await goneByVmemd) - began };
}

interface MemoryNews {
  readonly event?: string;
  readonly job?: { readonly changes: readonly { readonly state: string }[] };
}

const newsIn = ({ params }: Notification): MemoryNews => params[VM_ID] ?? {};

const isRemoval = (notification: Notification): boolean =>
  newsIn(notification).event === 'device-removed';

const isOnline = (notification: Notification): boolean =>
  newsIn(notification).job?.changes.some(({ state }) => state === 'online') ?? false;

async function settledCalls({ url }: Stage): Promise<ReadonlyMap<string, Calls>> {
  await sleep(SETTLE_MS);
  return callsOf(url);
}

const workOf = (calls: ReadonlyMap<string, Calls>, change: string): Work => ({
  change: sum(calls, (procedure) => procedure === change),
  all: sum(calls, (procedure) => !SAMPLING.includes(procedure)),
});
