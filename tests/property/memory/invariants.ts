import { expect } from '@jest/globals';
import type { Domain } from '../../../src/domain-xml/types.ts';
import { isGone, type MemoryChange, stateOf } from '../../../src/memory/jobs.ts';
import { providedMemory } from '../../../src/memory/virtioMem.ts';
import { floorMiB } from '../../../src/common/units.ts';
import { type Play, vmID } from './play.ts';

/** What VM.getMemoryDevices lists. */
interface Device {
  readonly alias: string;
  readonly model: string;
  readonly state: string;
}

/** More than this no VM's jobs take in its metadata. */
const MOST_WRITTEN = 64 * 1024;

const namesOf = (devices: readonly { readonly alias?: string }[]): string[] =>
  devices.map(({ alias = '' }) => alias).sort();

/** What holds at any moment. */
export async function expectSound(play: Play): Promise<void> {
  expect([...play.complaints, ...play.narrative.complaints]).toEqual([]);
  if (play.troubles.isNone) expect(errorsIn(play)).toEqual([]);
  const { vm } = play;
  if (!vm) return;
  const { guaranteed, memory, balloonTarget } = vm;
  expect(guaranteed).toBeLessThanOrEqual(memory);
  expect(balloonTarget).toBeGreaterThanOrEqual(guaranteed);
  expect(balloonTarget).toBeLessThanOrEqual(memory);
  if (!play.isConnected) return;
  const domain = await play.truth.look();
  expect(play.client.claims.complaint(guaranteed, memory, play.truth)).toBeUndefined();
  expect(floorMiB(providedMemory(domain))).toBeGreaterThanOrEqual(play.client.floor);
  if (play.isQuiet) await expectInLine(play, domain);
}

const errorsIn = ({ world }: Play): readonly object[] =>
  world.lines.filter(({ level }) => Number(level) >= 50);

/** What vmemd tells of devices is what the host has. */
async function expectInLine(play: Play, { memoryDevices }: Domain): Promise<void> {
  const { world, narrative, truth } = play;
  const listed = (await world.call('VM.getMemoryDevices', { vmID })) as readonly Device[];
  expect(namesOf(listed)).toEqual(namesOf(memoryDevices));
  if (!narrative.hasBegun) narrative.begin(namesOf(memoryDevices));
  expect([...narrative.devices].sort()).toEqual(namesOf(memoryDevices));
  for (const { alias, model, state } of listed) {
    if (state === 'refused') expect([alias, truth.wasRefused(alias)]).toEqual([alias, true]);
    if (model !== 'dimm' || state !== 'guest-online') continue;
    expect([alias, play.canOnline]).toEqual([alias, true]);
  }
}

/** What holds besides when everybody has had the time to come to an end. */
export async function expectSettled(play: Play): Promise<void> {
  const { truth, vm } = play;
  expect(play.openCalls).toEqual([]);
  expect(vm).toBeDefined();
  if (!vm) return;
  const domain = await truth.look();
  await expectInLine(play, domain);
  for (const job of vm.jobs.all) {
    expect(stateOf(job)).not.toBe('running');
    if (job.changes.some(isGone)) expect(job.owesGuarantee).toBeUndefined();
  }
  const late = vm.jobs.all.flatMap(({ changes }) => changes).filter(isLateUnplug);
  expect(late.filter(({ alias }) => !truth.has(alias))).toEqual([]);
  expect(domain.metadata?.memoryJobs?.length ?? 0).toBeLessThan(MOST_WRITTEN);
  const next = await truth.nextRun();
  expect(next.metadata?.memoryJobs).toBeUndefined();
  const [begins, block] = [providedMemory(next), largestBlock(next)];
  const isWished = (mib: number): boolean => begins >= mib * MIB && begins < mib * MIB + block;
  expect([begins, [...play.client.nextRuns].some(isWished)]).toEqual([begins, true]);
}

const MIB = 1024;

/** Of virtio-mem; what is asked for is rounded up to it. */
const largestBlock = ({ memoryDevices }: Domain): number =>
  Math.max(MIB, ...memoryDevices.map(({ virtioMem }) => virtioMem?.block ?? 0));

const isLateUnplug = ({ action, state }: MemoryChange): boolean =>
  action === 'unplug' && state === 'timed-out';

/** All that clients see of a VM's memory, which a restart must not change. */
export async function visible({ world, vm }: Play): Promise<object> {
  const jobs = (vm?.jobs.all ?? []).map(({ id }) =>
    world.call('VM.getMemoryJob', { vmID, jobID: id }),
  );
  return {
    jobs: await Promise.all(jobs),
    devices: await world.call('VM.getMemoryDevices', { vmID }),
    guaranteed: vm?.guaranteed,
    // One that was asked for without an answer shows only when the domain is read anew.
    balloonTarget: vm?.domain.metadata?.balloonTarget && vm.balloonTarget,
  };
}
