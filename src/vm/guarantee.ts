import type { OvirtMetadata } from '../domain-xml/types.ts';
import type { Bound } from '../host/hypervisor.ts';
import { isGone, isOpen, type MemoryChange } from '../memory/jobs.ts';
import { floorMiB, MiB, toKiB } from '../units.ts';
import { balloonObstacle } from './balloon.ts';
import { as } from './failure.ts';
import { checkBalloonable } from './resizeChecks.ts';
import { jobsToSave, saveJobs } from './savedJobs.ts';
import type { Vm } from './vm.ts';

/**
 * Guarantees a VM so much from now on; throws InvalidParameter above its boot memory and DIMMs, VMIsDown or
 * BalloonError.
 */
export async function setGuaranteedMemory(vm: Vm, guaranteed: MiB): Promise<void> {
  vm.requireAlive();
  await vm.lane
    .run(async (bound) => {
      checkBalloonable(vm, guaranteed, vm.memory);
      await guaranteeNow(vm, guaranteed, bound);
    })
    .catch(as('BalloonError'));
}

/** Guarantees a VM so much from now on, whatever was to be guaranteed once devices are gone. */
export async function guaranteeNow(vm: Vm, guaranteed: MiB, bound: Bound): Promise<void> {
  await setGuarantee(vm, { guaranteed, also: jobsToSave(vm) }, bound);
  vm.jobs.forgetDebts();
  await saveJobs(vm, bound);
}

/** Writes down where the jobs stand, and what they were to guarantee once the guest went along. */
export async function saveProgress(vm: Vm, bound: Bound): Promise<void> {
  const debts = dueGuarantees(vm);
  const paid = debts.filter(({ isAll }) => isAll);
  for (const { id } of paid) vm.jobs.settleGuarantee(id);
  const newest = debts.at(-1);
  if (!newest || newest.guaranteed === vm.domain.metadata?.memGuaranteedSize) {
    await saveJobs(vm, bound);
    return;
  }
  await setGuarantee(vm, { ...newest, also: jobsToSave(vm) }, bound).catch((error: unknown) => {
    for (const { id } of paid) vm.jobs.oweGuarantee(id);
    throw error;
  });
}

/** What is to be guaranteed now that guests went along, or the memory that is there where that is less; newest last. */
function dueGuarantees(vm: Vm): (Guarantee & { readonly id: string; readonly isAll: boolean })[] {
  return vm.jobs.all.flatMap(({ id, action, guaranteed, owesGuarantee, changes }) => {
    if (!owesGuarantee || guaranteed === undefined) return [];
    if (!changes.some((change) => hasHappened(vm, change))) return [];
    const possible = MiB(Math.min(guaranteed, floorMiB(vm.memory)));
    // Until all devices are there, not all may be guaranteed yet.
    const isAll = possible === guaranteed || !changes.some(isOpen);
    // What the next run begins with was settled when that job began.
    return [{ id, guaranteed: possible, isAll, isForThisRun: action === 'set-memory' }];
  });
}

const hasHappened = (vm: Vm, change: MemoryChange): boolean =>
  change.action === 'plug' ?
    vm.deviceOf(change) !== undefined
  : isGone(change) || ['reached', 'reached-late'].includes(change.state);

interface Guarantee {
  readonly guaranteed: MiB;
  /** What is written down with it. */
  readonly also?: OvirtMetadata;
  /** Whether the next run keeps the guarantee that it has. */
  readonly isForThisRun?: boolean;
}

/** Writes down the guarantee in force from now on; a balloon that was to leave less is asked for that much before. */
async function setGuarantee(
  vm: Vm,
  { guaranteed, also, isForThisRun }: Guarantee,
  bound: Bound,
): Promise<void> {
  const changes = { ...also, memGuaranteedSize: guaranteed };
  const floor = toKiB(guaranteed);
  if (vm.balloonTarget >= floor) {
    await vm.save(changes, bound, isForThisRun);
    return;
  }
  if (balloonObstacle(vm) === undefined) await vm.hypervisor.setBalloon(vm.id, floor, bound);
  vm.readAgain();
  await vm.save({ ...changes, balloonTarget: floor }, bound, isForThisRun);
}
