import { setTimeout as sleep } from 'node:timers/promises';
import type * as Libvirt from '../../src/libvirt/index.ts';
import type { Notification } from '../../tests/support/wsClient.ts';
import { between, type Calls, callsOf, sum } from './calls.ts';
import { type Party, VM_ID } from './guest.ts';
import { next, type Source } from './events.ts';
import type { Wire } from './wire.ts';

/** Until the guest has brought a device online and vmemd has written its metadata. */
const SETTLE_MS = 120;
/** vmemd's libvirt calls about a guest in each second's sampling. */
const SAMPLING = [
  'domainGetControlInfo',
  'domainGetCpuStats',
  'domainGetInfo',
  'domainMemoryStats',
];

/** Calls about the domain; those about the host or all domains come from time to time, for samples and facts. */
const isOfTurn = (procedure: string): boolean =>
  procedure.startsWith('domain') && !SAMPLING.includes(procedure);

/** The sources of events about the guest. */
export interface Stage {
  /** vmemd's WebSocket address. */
  readonly url: string;
  readonly notifications: Source<Notification>;
  readonly libvirtEvents: Source<Libvirt.ClientEvent>;
  /** See {@link growthOf}. */
  readonly growth: () => Promise<() => Promise<number>>;
}

/** Durations of a plug and an unplug of one device, in milliseconds since each request. */
export interface Turn extends Unplugging {
  readonly plugged: number;
  /** vmemd's calls to libvirt during the plug and the unplug. */
  readonly plug: Work;
  readonly unplug: Work;
}

/** The call that makes the change, and all calls for it, including that one. */
interface Work {
  readonly change: Calls;
  readonly all: Calls;
}

/** Plugs a device, gives the guest time to bring it online, and unplugs it. */
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

/** Durations of a plug until the guest uses the device, in milliseconds since the request. */
export interface Sight {
  /** Until the guest has reported the new memory to libvirt. */
  readonly grown: number;
  /** Until vmemd's job reports the device as online. */
  readonly online: number;
}

/** Plugs `count` devices, each after the previous one is online, then unplugs them. */
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
  const online = next(stage.notifications, isOnline);
  const began = performance.now();
  await vmemd.plug();
  return { grown: (await grown()) - began, online: (await online) - began };
}

/** Durations of an unplug, in milliseconds since the request. */
interface Unplugging {
  readonly unplugged: number;
  /** Until libvirt's event, and until vmemd's event about the removal. */
  readonly gone: number;
  readonly goneByVmemd: number;
}

async function timeUnplug(stage: Stage, party: Party): Promise<Unplugging> {
  const unplug = await party.prepare();
  const gone = next(stage.libvirtEvents, ({ kind }) => kind === 'device-removed');
  const goneByVmemd = next(stage.notifications, isRemoval);
  const began = performance.now();
  await unplug();
  const unplugged = performance.now() - began;
  return { unplugged, gone: (await gone) - began, goneByVmemd: (await goneByVmemd) - began };
}

/** The procedures of libvirt that vmemd called, in their order. */
export interface Procedures {
  readonly beforePlugAnswer: readonly string[];
  readonly plug: readonly string[];
  readonly beforeUnplugEvent: readonly string[];
  readonly beforeUnplugAnswer: readonly string[];
  readonly unplug: readonly string[];
}

/** Plugs and unplugs a device as {@link turn} does, through a proxy that notes the calls to libvirt. */
export async function countedTurn(stage: Stage, vmemd: Party, wire: Wire): Promise<Procedures> {
  const until = (time = Infinity): readonly string[] =>
    wire
      .answered()
      .filter(({ at, procedure }) => at < time && isOfTurn(procedure))
      .map(({ procedure }) => procedure);
  wire.forget();
  await vmemd.plug();
  const beforePlugAnswer = until(performance.now());
  await sleep(ALL_HELD_MS);
  const plug = until();
  const unplug = await vmemd.prepare();
  const gone = next(stage.notifications, isRemoval);
  wire.forget();
  await unplug();
  const beforeUnplugAnswer = until(performance.now());
  const beforeUnplugEvent = until(await gone);
  await sleep(ALL_HELD_MS);
  return { beforePlugAnswer, plug, beforeUnplugEvent, beforeUnplugAnswer, unplug: until() };
}

/**
 * Longer than all calls of a plug or an unplug take if their replies are held back, and shorter than the guest takes to
 * report that it uses a device: to record that takes two more.
 */
const ALL_HELD_MS = 500;

interface MemoryEvent {
  readonly event?: string;
  readonly job?: { readonly changes: readonly { readonly state: string }[] };
}

const memoryEventIn = ({ params }: Notification): MemoryEvent => params[VM_ID] ?? {};

const isRemoval = (notification: Notification): boolean =>
  memoryEventIn(notification).event === 'device-removed';

const isOnline = (notification: Notification): boolean =>
  memoryEventIn(notification).job?.changes.some(({ state }) => state === 'online') ?? false;

async function settledCalls({ url }: Stage): Promise<ReadonlyMap<string, Calls>> {
  await sleep(SETTLE_MS);
  return callsOf(url);
}

const workOf = (calls: ReadonlyMap<string, Calls>, change: string): Work => ({
  change: sum(calls, (procedure) => procedure === change),
  all: sum(calls, isOfTurn),
});
