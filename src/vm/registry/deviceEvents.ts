import type { HostEvent } from '../../host/hypervisor.ts';
import type { DeviceStep, Placed } from '../../memory/operation.ts';
import { placedDeviceSteps } from '../../memory/operation.ts';
import { type Finding, guestRefusal } from '../../memory/outcome.ts';
import { isAwaited } from '../../memory/transition.ts';
import { applyFinding, look } from '../memory/look.ts';
import { watchBalloon } from '../memory/outsideMoves.ts';
import { observe, save } from '../memory/commit.ts';
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

/** Reads the domain in an operation of its own, unless an earlier one in the queue reads it. */
function observeUnlessSeen(vm: Vm): Promise<void> {
  vm.outdate();
  const isSeen = vm.marks.markReads();
  return vm.queue.run((options) => (isSeen() ? Promise.resolve() : observe(vm, options)));
}

/** Records which devices were plugged and unplugged, then the outcome of the unplugs that were sent before the event. */
async function followDevice(vm: Vm, { kind, alias }: DeviceEvent): Promise<void> {
  vm.marks.noteDeviceEvent();
  const isSeen = vm.marks.markReads();
  const unplugs = kind === 'device-added' ? [] : awaitedUnplugs(vm, alias);
  await vm.queue.run((options) =>
    vm.operations.deferEvents(async () => {
      if (!isSeen()) await look(vm, options);
      const size = vm.memoryDevice(alias)?.size;
      // The guest can refuse to release disks and network cards too.
      if (kind === 'device-removal-failed' && size !== undefined) {
        vm.emit({ kind, alias, size });
      }
      // The device is gone, even if another one has its alias and address by now.
      const finding: Finding = kind === 'device-removed' ? { fact: 'seen' } : guestRefusal();
      for (const unplug of unplugs)
        if (isPending(vm, unplug)) applyFinding(vm, refOf(unplug), finding);
      await save(vm, options);
    }),
  );
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
