import type { MemoryDevice } from '../../domain-xml/types.ts';
import { VdsmError } from '../../common/errors.ts';
import type { CallOptions } from '../../host/hypervisor.ts';
import { baseOf, isSameDevice } from '../../memory/identity.ts';
import { isAwaited } from '../../memory/jobs.ts';
import { findDevice, plugObstacle } from '../../memory/plug.ts';
import { floorMiB, KiB, MiB } from '../../common/units.ts';
import { armDeadline, ask, mayStillHappen } from './askGuest.ts';
import { inflatedBalloon } from '../actions/setBalloon.ts';
import { type DeviceParams, namedDevice, newDevice } from './deviceParams.ts';
import { toVdsmError } from '../toVdsmError.ts';
import { guaranteeNow, saveProgress } from '../actions/guarantee.ts';
import { follow, noteOutcomes, readDevices } from './devices.ts';
import { compareTotals } from './onlineWatch.ts';
import type { Vm } from '../vm.ts';

/** Plugs one device; throws MissingParameter, or HotplugMemFailed with what stands against it. */
export async function plugMemory(vm: Vm, params: DeviceParams, flowId: string): Promise<void> {
  const { device, xml } = newDevice(params);
  vm.requireAlive();
  await vm.queue
    .run(async (bound) => {
      // A device that the guest has just given back would make way for another one of its alias.
      if (vm.jobs.all.some(({ changes }) => changes.some(isAwaited))) await follow(vm, bound);
      const obstacle =
        plugObstacle(vm.domain, device) ?? guaranteeObstacle(vm, device.size, params);
      if (obstacle !== undefined) throw new VdsmError('HotplugMemFailed', obstacle);
      compareTotals(vm);
      const before = vm.domain.memoryDevices;
      const plugged = { before, flowId, guaranteed: params.memGuaranteedSize };
      await vm.hypervisor.attachDevice(vm.id, xml(), bound).catch((error: unknown) => {
        if (mayStillHappen(error)) settleLater(vm, plugged);
        throw error;
      });
      // The device is in: a client that were told otherwise would plug a second one.
      await settlePlug(vm, plugged, bound).catch(notWritten(vm));
    })
    .catch(toVdsmError('HotplugMemFailed'));
}

/** What merely took too long may be there by the next operation. */
function settleLater(vm: Vm, plugged: Plugged): void {
  vm.queue.run((bound) => settlePlug(vm, plugged, bound)).catch(notWritten(vm));
}

const notWritten =
  (vm: Vm) =>
  (error: unknown): void => {
    vm.log.error({ vmId: vm.id, err: error }, 'a device was plugged, but not all written down');
  };

interface Plugged {
  readonly before: readonly MemoryDevice[];
  readonly flowId: string;
  readonly guaranteed: MiB | undefined;
}

const settlePlug = (vm: Vm, plugged: Plugged, bound: CallOptions): Promise<void> =>
  vm.jobs.tellAfter(async () => {
    await readDevices(vm, bound);
    const { before, flowId, guaranteed } = plugged;
    const device = vm.domain.memoryDevices.find(
      (one) => !before.some((other) => isSameDevice(one, other)),
    );
    if (device?.alias === undefined) return;
    const { alias, size } = device;
    const wanted = { action: 'plug' as const, alias, size, ...baseOf(device) };
    const job = vm.jobs.begin({ action: 'plug', flowId }, () => [wanted]);
    vm.jobs.carryOn(job.id, alias, { state: 'requested', attempts: 1, askedAt: vm.jobs.now });
    noteOutcomes(vm);
    armDeadline(vm, job.id, alias);
    if (guaranteed !== undefined) vm.jobs.settle('owesGuarantee');
    const isNew = guaranteed !== undefined && guaranteed !== vm.domain.metadata?.memGuaranteedSize;
    await (isNew ? guaranteeNow(vm, { guaranteed }, bound) : saveProgress(vm, bound));
  });

/**
 * Asks for a device's removal, as a job that tells how that ended; throws MissingParameter, or HotunplugMemFailed with
 * the hypervisor's words.
 */
export async function unplugMemory(vm: Vm, params: DeviceParams, flowId: string): Promise<void> {
  const wish = namedDevice(params);
  vm.requireAlive();
  await vm.queue
    .run(async (bound) => {
      const device = findDevice(vm.domain.memoryDevices, wish);
      if (device?.alias === undefined) {
        throw new VdsmError('HotunplugMemFailed', `no such device; ${pluggedText(vm)}`);
      }
      const { alias, size, virtioMem } = device;
      const obstacle = guaranteeObstacle(vm, KiB(virtioMem ? 0 : 0 - size), params);
      if (obstacle !== undefined) throw new VdsmError('HotunplugMemFailed', obstacle);
      const { memGuaranteedSize: guaranteed } = params;
      const job = vm.jobs.begin(
        { action: 'unplug', flowId, ...(guaranteed !== undefined && { guaranteed }) },
        () => [{ action: 'unplug', alias, size, ...baseOf(device) }],
      );
      const warning = inflatedBalloon(vm);
      if (warning !== undefined) vm.log.warn({ vmId: vm.id, flow_id: flowId, alias }, warning);
      await ask(vm, job.id, alias, bound).catch(
        toVdsmError('HotunplugMemFailed', { job_id: job.id }),
      );
    })
    .catch(toVdsmError('HotunplugMemFailed'));
}

/** Why the guarantee asked for cannot hold once the memory has changed by this much. */
function guaranteeObstacle(vm: Vm, change: KiB, params: DeviceParams): string | undefined {
  const after = floorMiB(KiB(vm.memory + change));
  const asked = params.memGuaranteedSize ?? MiB(0);
  return asked > after ?
      `${String(asked)} MiB cannot be guaranteed to a VM of ${String(after)} MiB`
    : undefined;
}

const pluggedText = ({ domain: { memoryDevices } }: Vm): string =>
  memoryDevices.length === 0 ?
    'the VM has no memory devices'
  : `the VM has ${memoryDevices
      .map(({ alias, size }) => `${alias ?? '?'} (${String(floorMiB(size))} MiB)`)
      .join(', ')}`;
