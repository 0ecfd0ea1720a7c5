import { VdsmError } from '../../common/errors.ts';
import { deviceState } from '../../memory/deviceState.ts';
import { changesOf } from '../../memory/wireState.ts';
import { isOpen } from '../../memory/transition.ts';
import type { ResizePlan } from '../../memory/resizePlan.ts';
import { mayStillGo } from '../../memory/shrink.ts';
import type { Candidate } from '../../memory/unplugChoice.ts';
import { floorMiB, KiB, type MiB } from '../../common/units.ts';
import { inflatedBalloon } from '../balloonObstacle.ts';
import type { Vm } from '../vm.ts';

/** What a client wants of a VM's memory. */
export interface MemoryWish {
  readonly memory: MiB;
  readonly guaranteed?: MiB | undefined;
  /** Only plan. */
  readonly dryRun?: boolean | undefined;
  /** Let the balloon give everything back before a device is asked for. */
  readonly deflate?: boolean | undefined;
  /** For guests that can bring only one block online as movable at first. */
  readonly specialBlock?: boolean | undefined;
  /** Answer when the guest has gone along or would not. */
  readonly wait?: boolean | undefined;
}

/** The error that growing a VM fails with, and the one of shrinking it. */
export type Failure = 'HotplugMemFailed' | 'HotunplugMemFailed';

/** Throws while devices are on their way out, of which a plan would know nothing. */
export function refuseWhileUnplugging(vm: Vm, failure: Failure): void {
  const operation = vm.operations.operations.find(({ steps }) =>
    steps.some((step) => step.kind === 'unplug' && isOpen(step)),
  );
  if (!operation) return;
  const aliases = changesOf(operation).map(({ alias }) => alias);
  throw new VdsmError(
    failure,
    `the guest is being asked for ${aliases.join(', ')} (job ${operation.id}); wait until that has ended, see VM.getMemoryJob`,
  );
}

/** Throws InvalidParameter unless what is guaranteed, now or from now on, fits into the memory asked for. */
export function checkGuarantee(vm: Vm, { memory, guaranteed }: MemoryWish): void {
  if (guaranteed !== undefined && guaranteed > memory) {
    throw tooMuchGuaranteed(guaranteed, memory);
  }
  const promised = floorMiB(vm.guaranteed);
  if (guaranteed === undefined && memory < promised) {
    throw new VdsmError(
      'InvalidParameter',
      `${String(promised)} MiB are guaranteed to the VM; give guaranteed too, of ${String(memory)} MiB or less`,
    );
  }
}

/** Throws InvalidParameter unless the guarantee also fits into the boot memory and DIMMs that the plan leads to. */
export function checkPlannedGuarantee(
  vm: Vm,
  { guaranteed = floorMiB(vm.guaranteed) }: MemoryWish,
  { changes }: ResizePlan,
): void {
  const after = changes.reduce((sum, change) => {
    if (change.action === 'resize') return sum;
    return KiB(change.action === 'plug' ? sum + change.size : sum - change.size);
  }, vm.memory);
  checkBalloonable(vm, guaranteed, after);
}

/** Throws InvalidParameter unless the guarantee fits into that much boot memory and DIMMs. */
export function checkBalloonable(vm: Vm, guaranteed: MiB, memory: KiB): void {
  if (guaranteed <= floorMiB(memory)) return;
  const others = vm.domain.memoryDevices.some(({ model }) => model !== 'dimm');
  throw tooMuchGuaranteed(guaranteed, floorMiB(memory), others ? ' of boot memory and DIMMs' : '');
}

const tooMuchGuaranteed = (guaranteed: MiB, memory: MiB, kind = ''): VdsmError =>
  new VdsmError(
    'InvalidParameter',
    `${String(guaranteed)} MiB cannot be guaranteed to a VM of ${String(memory)} MiB${kind}`,
  );

/** The DIMMs that a guest which did not answer in time may still give back. */
export const awaitedDimms = ({ domain, operations }: Vm): readonly Candidate[] =>
  domain.memoryDevices
    .filter((device) => !device.virtioMem && deviceState(operations, device).state === 'unplugging')
    .map(({ alias = '', size }) => ({ alias, size }));

/** What to know before devices are asked for: of the balloon, of the guest, and of what it was asked for before. */
export function resizeWarnings(vm: Vm, wish: MemoryWish, plan: ResizePlan): string[] {
  const { before, after, changes } = plan;
  const unplugs = changes.some(({ action }) => action === 'unplug');
  const shrinks = unplugs || changes.some((one) => one.action === 'resize' && one.to < one.from);
  const awaited = after < before ? [] : awaitedDimms(vm);
  const balloon = unplugs && wish.deflate !== true ? inflatedBalloon(vm) : undefined;
  return [
    ...(balloon === undefined ? [] : [balloon]),
    ...(awaited.length === 0 ? [] : [mayStillGo(awaited, after).text]),
    ...(shrinks && vm.isPaused ? ['the VM is paused: its guest can answer only once it runs'] : []),
  ];
}
