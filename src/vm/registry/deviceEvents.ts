import { type HostEvent, HypervisorError } from '../../host/hypervisor.ts';
import type { DeviceStep, Placed } from '../../memory/operation.ts';
import { placedDeviceSteps } from '../../memory/operation.ts';
import { type Finding, guestRefusal } from '../../memory/outcome.ts';
import { isAwaited } from '../../memory/transition.ts';
import { applyFinding, look } from '../memory/look.ts';
import { watchBalloon } from '../memory/outsideMoves.ts';
import { observe, observeNow, save } from '../memory/commit.ts';
import { logFailure } from '../logFailure.ts';
import { rebooted } from '../memory/resume.ts';
import { isSize } from '../plausible.ts';
import type { Vm } from '../vm.ts';

/** An event of one domain, except those of its lifecycle. */
export type DomainEvent = Exclude<
  HostEvent,
  { kind: 'lifecycle' | 'disconnected' | 'reconnected' }
>;
type DeviceEvent = Extract<
  DomainEvent,
  { kind: 'device-added' | 'device-removed' | 'device-removal-failed' }
>;

/** Handles an event of a VM. */
export async function followEvent(vm: Vm, event: DomainEvent): Promise<void> {
  switch (event.kind) {
    case 'balloon-change':
      vm.recordBalloon(event.current);
      watchBalloon(vm);
      return;
    case 'reboot':
      rebooted(vm);
      return;
    case 'metadata-change':
      if (vm.marks.takeWrite()) return;
      await observeUnlessSeen(vm);
      return;
    case 'memory-device-size-change':
      await observeUnlessSeen(vm);
      if (isSize(event.size)) {
        vm.emit({ kind: event.kind, alias: event.alias, size: event.size });
      }
      return;
    default:
      await followDevice(vm, event);
  }
}

/** Reads the domain in an operation of its own, unless an earlier one in the queue reads it; later if it cannot be read now. */
function observeUnlessSeen(vm: Vm): Promise<void> {
  vm.outdate();
  const isSeen = vm.marks.markReads();
  return vm.queue
    .runToEnd((options) => (isSeen() ? Promise.resolve() : observe(vm, options)))
    .catch(later(vm, 'a domain that has changed is read later'));
}

/**
 * Records which devices were plugged and unplugged, then the outcome of the unplugs that were sent before the event; later
 * if the domain cannot be read or written now.
 */
async function followDevice(vm: Vm, event: DeviceEvent): Promise<void> {
  vm.marks.noteDeviceEvent();
  const isSeen = vm.marks.markReads();
  const record = outcomeOf(vm, event);
  await vm.queue
    .runToEnd((options) =>
      vm.operations.deferEvents(async () => {
        if (!isSeen()) await look(vm, options);
        record();
        await save(vm, options);
      }),
    )
    .catch(later(vm, 'an event of a memory device is recorded later', record));
}

/** Returns a function that observes the domain later after a failed call; it throws any other error, which is a bug. */
const later =
  (vm: Vm, text: string, record?: () => void) =>
  (error: unknown): void => {
    if (!(error instanceof HypervisorError)) throw error;
    logFailure(vm, error, { text });
    observeNow(vm, record);
  };

/** Returns a function that records what the event says, once however often it is called. */
function outcomeOf(vm: Vm, { kind, alias }: DeviceEvent): () => void {
  let unplugs = kind === 'device-added' ? [] : awaitedUnplugs(vm, alias);
  let isToldOf = kind === 'device-removal-failed';
  // The device is gone, even if another one has its alias and address by now.
  const finding: Finding = kind === 'device-removed' ? { fact: 'seen' } : guestRefusal();
  return () => {
    const size = vm.memoryDevice(alias)?.size;
    // The guest can refuse to release disks and network cards too.
    if (isToldOf && size !== undefined) vm.emit({ kind: 'device-removal-failed', alias, size });
    for (const unplug of unplugs)
      if (isPending(vm, unplug)) applyFinding(vm, refOf(unplug), finding);
    [unplugs, isToldOf] = [[], false];
  };
}

const awaitedUnplugs = (vm: Vm, alias: string): readonly Placed<DeviceStep>[] =>
  placedDeviceSteps(vm.operations.operations).filter(
    ({ step }) => step.kind === 'unplug' && step.alias === alias && isAwaited(step),
  );

const refOf = ({ operation, index }: Pick<Placed, 'operation' | 'index'>) => ({
  id: operation.id,
  index,
});

/** Returns whether that attempt of the step is still without an outcome. */
function isPending(vm: Vm, { operation, index, step }: Placed): boolean {
  const now = vm.operations.step(refOf({ operation, index }));
  return now !== undefined && isAwaited(now) && now.attempts === step.attempts;
}
