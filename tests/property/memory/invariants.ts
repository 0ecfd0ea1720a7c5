import { expect } from '@jest/globals';
import type { HostDomain } from '../../support/hostDomain.ts';
import { type Play, vmID } from './play.ts';
import type { Change, Job, View } from './view.ts';

const MIB = 1024;
/** The limit of a VM's record in its metadata, in characters. */
const MOST_WRITTEN = 64 * 1024;

const namesOf = (devices: readonly { readonly alias: string }[]): string[] =>
  devices.map(({ alias }) => alias).sort();

/** Checks the invariants of any time. */
export async function expectSound(play: Play): Promise<void> {
  expect([...play.complaints, ...play.narrative.complaints]).toEqual([]);
  if (play.troubles.isNone) expect(errorsIn(play)).toEqual([]);
  const view = await play.view();
  if (!view) return;
  const { guaranteed, memory, target } = view;
  expect(guaranteed).toBeLessThanOrEqual(memory);
  expect(target).toBeGreaterThanOrEqual(guaranteed);
  expect(target).toBeLessThanOrEqual(memory);
  if (!play.isConnected) return;
  const domain = await play.truth.look();
  expect(play.client.claims.complaint(guaranteed, memory, play.truth)).toBeUndefined();
  expect(domain.provided / MIB).toBeGreaterThanOrEqual(play.client.floor);
  if (await play.isQuiet()) expectInLine(play, view, domain);
}

const errorsIn = ({ world }: Play): readonly object[] =>
  world.lines.filter(({ level }) => Number(level) >= 50);

/** Checks that clients see the devices that the host has. */
function expectInLine(play: Play, view: View, { devices }: HostDomain): void {
  const { narrative, truth } = play;
  expect(namesOf(view.devices)).toEqual(namesOf(devices));
  if (!narrative.hasBegun) narrative.begin(namesOf(devices));
  expect([...narrative.devices].sort()).toEqual(namesOf(devices));
  for (const { alias, model, state } of view.devices) {
    if (state === 'refused') expect([alias, truth.wasRefused(alias)]).toEqual([alias, true]);
    if (model !== 'dimm' || state !== 'guest-online') continue;
    expect([alias, play.canOnline]).toEqual([alias, true]);
  }
}

/** Checks the invariants once every operation has had the time to end. */
export async function expectSettled(play: Play): Promise<void> {
  const { truth } = play;
  expect(play.openCalls).toEqual([]);
  const view = await play.view();
  if (!view) throw new Error('vmemd does not know the VM');
  const domain = await truth.look();
  expectInLine(play, view, domain);
  const jobs = await play.jobs();
  expect(jobs.filter(({ state }) => state === 'running')).toEqual([]);
  const late = jobs.flatMap(({ changes }) => changes).filter(isLateUnplug);
  expect(late.filter(({ alias }) => !truth.has(alias))).toEqual([]);
  expectGuaranteed(play, view, jobs);
  expect(view.target).toBe(play.world.host.guest(vmID).balloonTarget());
  expect(domain.record?.length ?? 0).toBeLessThan(MOST_WRITTEN);
  await expectNextRun(play);
}

/** Checks that the guarantee of a removal is in force, unless a client has requested another one since. */
function expectGuaranteed({ client }: Play, view: View, jobs: readonly Job[]): void {
  const job = jobs.findLast(
    ({ guaranteed_mib, changes }) => guaranteed_mib !== undefined && changes.some(isGone),
  );
  if (job?.guaranteed_mib === undefined || client.claims.newest !== job.guaranteed_mib) return;
  expect(view.guaranteed).toBe(Math.min(job.guaranteed_mib * MIB, view.memory));
}

async function expectNextRun({ truth, client }: Play): Promise<void> {
  const next = await truth.nextRun();
  expect(next.record).toBeUndefined();
  const block = Math.max(MIB, ...next.devices.map((device) => device.block ?? 0));
  // The requested memory is rounded up to blocks of virtio-mem.
  const isWished = (mib: number): boolean =>
    next.provided >= mib * MIB && next.provided < mib * MIB + block;
  expect([next.provided, [...client.nextRuns].some(isWished)]).toEqual([next.provided, true]);
}

const isGone = ({ state }: Change): boolean => ['removed', 'removed-late'].includes(state);

const isLateUnplug = ({ action, state }: Change): boolean =>
  action === 'unplug' && state === 'timed-out';

/** Everything that clients see of a VM's memory; a restart must not change it. */
export async function visible(play: Play): Promise<object> {
  const view = await play.view();
  return {
    jobs: await play.jobs(),
    devices: await play.world.call('VM.getMemoryDevices', { vmID }),
    guaranteed: view?.guaranteed,
    balloonTarget: view?.target,
  };
}
