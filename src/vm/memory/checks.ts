import { VdsmError } from '../../common/errors.ts';
import { fittingGuarantee } from '../../domain-xml/guarantee.ts';
import { deviceState } from '../../memory/deviceState.ts';
import { changesOf } from '../../memory/wireState.ts';
import { isOpen } from '../../memory/transition.ts';
import type { ResizePlan } from '../../memory/resizePlan.ts';
import { sizeSlip } from '../../common/unitSlip.ts';
import { mayStillGo } from '../../memory/shrink.ts';
import type { Candidate } from '../../memory/unplugChoice.ts';
import { floorMiB, KiB, type MiB, toKiB } from '../../common/units.ts';
import { inflatedBalloon } from '../balloonObstacle.ts';
import type { Vm } from '../vm.ts';

/** The params of VM.setMemory. */
export interface MemoryWish {
  readonly memory: MiB;
  readonly guaranteed?: MiB | undefined;
  /** Returns the plan without executing it. */
  readonly dryRun?: boolean | undefined;
  /** Deflates the balloon before the first unplug. */
  readonly deflate?: boolean | undefined;
  /** Plugs the first block as a DIMM of its own, for guests that can bring only one block online as movable at first. */
  readonly specialBlock?: boolean | undefined;
  /** Waits until the guest has completed or refused every change. */
  readonly wait?: boolean | undefined;
}

/** The error of a VM that cannot grow, and of one that cannot shrink. */
export type Failure = 'HotplugMemFailed' | 'HotunplugMemFailed';

/** Throws `failure` while an unplug is unfinished: its outcome would change the plan. */
export function refuseWhileUnplugging(vm: Vm, failure: Failure): void {
  const operation = vm.operations.operations.find(({ steps }) =>
    steps.some((step) => step.kind === 'unplug' && isOpen(step)),
  );
  if (!operation) return;
  const aliases = changesOf(operation).map(({ alias }) => alias);
  throw new VdsmError(
    failure,
    `job ${operation.id} still unplugs ${aliases.join(', ')}; wait until it has ended, see VM.getMemoryJob`,
  );
}

/** Throws InvalidParameter for a memory that was probably not given in MiB: the VM would grow to its maximum. */
export function checkUnit({ domain }: Vm, memory: MiB): void {
  const most = domain.maxMemory?.size ?? domain.memory;
  const slip = sizeSlip(memory, floorMiB(most));
  if (slip !== undefined) throw new VdsmError('InvalidParameter', `sizes are in MiB; ${slip}`);
}

/** Throws InvalidParameter unless the guarantee, the requested or else the present one, fits into the requested memory. */
export function checkGuarantee(vm: Vm, { memory, guaranteed }: MemoryWish): void {
  if (guaranteed !== undefined && !fits(guaranteed, memory)) {
    throw tooMuchGuaranteed(guaranteed, memory);
  }
  const present = vm.guaranteed && floorMiB(vm.guaranteed);
  if (guaranteed === undefined && present !== undefined && memory < present) {
    throw new VdsmError(
      'InvalidParameter',
      `${String(present)} MiB are guaranteed to the VM; give guaranteed too, of ${String(memory)} MiB or less`,
    );
  }
}

/** Throws InvalidParameter unless the guarantee fits into the boot memory and DIMMs after the plan. */
export function checkPlannedGuarantee(
  vm: Vm,
  { guaranteed = floorMiB(vm.guaranteed ?? KiB(0)) }: MemoryWish,
  { changes }: ResizePlan,
): void {
  const after = changes.reduce((sum, change) => {
    if (change.action === 'resize') return sum;
    return KiB(change.action === 'plug' ? sum + change.size : sum - change.size);
  }, vm.memory);
  checkBalloonable(vm, guaranteed, after);
}

/** Throws InvalidParameter unless the guarantee fits into `memory` of boot memory and DIMMs, apart from rounding. */
export function checkBalloonable(vm: Vm, guaranteed: MiB, memory: KiB): void {
  if (fits(guaranteed, floorMiB(memory))) return;
  const others = vm.domain.memoryDevices.some(({ model }) => model !== 'dimm');
  throw tooMuchGuaranteed(guaranteed, floorMiB(memory), others ? ' of boot memory and DIMMs' : '');
}

/** Whether a guarantee fits into the memory, apart from rounding. */
export const fits = (guaranteed: MiB, memory: MiB): boolean =>
  fittingGuarantee(toKiB(guaranteed), toKiB(memory)) !== undefined;

function tooMuchGuaranteed(guaranteed: MiB, memory: MiB, kind = ''): VdsmError {
  const slip = sizeSlip(guaranteed, memory);
  const advice = slip === undefined ? '' : `; guarantees are in MiB, ${slip}`;
  return new VdsmError(
    'InvalidParameter',
    `${String(guaranteed)} MiB cannot be guaranteed to a VM of ${String(memory)} MiB${kind}${advice}`,
  );
}

/** Returns the DIMMs whose unplug has timed out and may still complete. */
export const awaitedDimms = ({ domain, operations }: Vm): readonly Candidate[] =>
  domain.memoryDevices
    .filter((device) => !device.virtioMem && deviceState(operations, device).state === 'unplugging')
    .map(({ alias = '', size }) => ({ alias, size }));

/** Returns warnings about the balloon, about unplugs that may still complete, and about a paused guest. */
export function resizeWarnings(vm: Vm, wish: MemoryWish, plan: ResizePlan): string[] {
  const { before, after, changes } = plan;
  const unplugs = changes.some(({ action }) => action === 'unplug');
  const shrinks = unplugs || changes.some((one) => one.action === 'resize' && one.to < one.from);
  const awaited = after < before ? [] : awaitedDimms(vm);
  const balloon = unplugs && wish.deflate !== true ? inflatedBalloon(vm) : undefined;
  return [
    ...(balloon === undefined ? [] : [balloon]),
    ...(awaited.length === 0 ? [] : [mayStillGo(awaited, after).text]),
    ...(shrinks && vm.isPaused ?
      ['the VM is paused: its guest can release memory only once it runs']
    : []),
  ];
}
