import type { CallOptions } from '../../host/hypervisor.ts';
import { isGone, isOpen, type MemoryChange } from '../../memory/jobs.ts';
import { floorMiB, MiB, toKiB } from '../../common/units.ts';
import { balloonObstacle } from './setBalloon.ts';
import { toVdsmError } from '../toVdsmError.ts';
import { checkBalloonable } from '../memory/checks.ts';
import { jobsToSave, saveJobs } from '../record/savedJobs.ts';
import type { Vm } from '../vm.ts';

/**
 * Guarantees a VM so much from now on; throws InvalidParameter above its boot memory and DIMMs, VMIsDown or
 * BalloonError.
 */
export async function setGuaranteedMemory(vm: Vm, guaranteed: MiB): Promise<void> {
  vm.requireAlive();
  await vm.queue
    .run(async (bound) => {
      checkBalloonable(vm, guaranteed, vm.memory);
      await guaranteeNow(vm, { guaranteed }, bound);
    })
    .catch(toVdsmError('BalloonError'));
}

/** Guarantees a VM so much from now on, whatever was to be guaranteed once devices are gone. */
export async function guaranteeNow(vm: Vm, wish: Guarantee, bound: CallOptions): Promise<void> {
  await vm.jobs.paying('owesGuarantee', () => setGuarantee(vm, wish, bound));
  if (wish.isForThisRun === true) return;
  vm.jobs.keepNextGuarantee();
  await saveJobs(vm, bound);
}

/** Writes down where the jobs stand, and what they were to guarantee once the guest went along. */
export async function saveProgress(vm: Vm, bound: CallOptions): Promise<void> {
  const due = dueGuarantee(vm);
  if (!due) return saveJobs(vm, bound);
  const isSet = due.guaranteed === vm.domain.metadata?.memGuaranteedSize;
  const pay = () => (isSet ? saveJobs(vm, bound) : setGuarantee(vm, due, bound));
  await vm.jobs.paying('owesGuarantee', pay, debtsUpTo(vm, due));
}

interface DueGuarantee extends Guarantee {
  readonly id: string;
  readonly isAll: boolean;
}

/** What the newest job guarantees of those whose guest went along, or the memory that is there where that is less. */
function dueGuarantee(vm: Vm): DueGuarantee | undefined {
  const job = vm.jobs.all.findLast(
    ({ owesGuarantee, changes }) =>
      owesGuarantee && changes.some((change) => hasHappened(vm, change)),
  );
  if (job?.guaranteed === undefined) return undefined;
  const { id, action, guaranteed, changes } = job;
  const possible = MiB(Math.min(guaranteed, floorMiB(vm.memory)));
  // Until all devices are there, not all may be guaranteed yet.
  const isAll = possible === guaranteed || !changes.some(isOpen);
  // What the next run begins with was settled when that job began.
  return { id, guaranteed: possible, isAll, isForThisRun: action === 'set-memory' };
}

/** The jobs that owe nothing more once this is paid: what they were to guarantee was asked for before it. */
function debtsUpTo(vm: Vm, { id, isAll }: DueGuarantee): readonly string[] {
  const end = vm.jobs.all.findIndex((job) => job.id === id) + (isAll ? 1 : 0);
  return vm.jobs.all.slice(0, end).map((job) => job.id);
}

function hasHappened(vm: Vm, change: MemoryChange): boolean {
  const { action, state, size } = change;
  switch (action) {
    case 'unplug':
      return isGone(change);
    case 'plug':
      return vm.deviceOf(change) !== undefined;
    case 'resize': {
      // The guest is given more as soon as it may take it, and less when it has left that.
      const { requested, current = size } = vm.deviceOf(change)?.virtioMem ?? {};
      return !['superseded', 'failed'].includes(state) && requested === size && current <= size;
    }
  }
}

interface Guarantee {
  readonly guaranteed: MiB;
  /** Whether the next run keeps the guarantee that it has. */
  readonly isForThisRun?: boolean;
}

/**
 * Writes down the guarantee in force from now on, and where the jobs stand; a balloon that was to leave less is asked for
 * that much before.
 */
async function setGuarantee(
  vm: Vm,
  { guaranteed, isForThisRun }: Guarantee,
  bound: CallOptions,
): Promise<void> {
  const changes = { ...jobsToSave(vm), memGuaranteedSize: guaranteed };
  const floor = toKiB(guaranteed);
  if (vm.balloonTarget >= floor) {
    await vm.save(changes, bound, isForThisRun);
    return;
  }
  if (balloonObstacle(vm) === undefined) await vm.hypervisor.setBalloon(vm.id, floor, bound);
  vm.readAgain();
  await vm.save({ ...changes, balloonTarget: floor }, bound, isForThisRun);
}
