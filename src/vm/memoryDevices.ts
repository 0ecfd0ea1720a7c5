import type { MemoryDevice } from '../domain-xml/types.ts';
import { VdsmError } from '../errors.ts';
import { type Bound, HypervisorError } from '../host/hypervisor.ts';
import { findDevice, plugObstacle } from '../memory/plug.ts';
import { floorMiB, KiB, MiB } from '../units.ts';
import { setGuarantee } from './balloon.ts';
import { type DeviceParams, namedDevice, newDevice } from './deviceParams.ts';
import { as } from './failure.ts';
import type { Vm } from './vm.ts';

/** Plugs one device; throws MissingParameter, or HotplugMemFailed with what stands against it. */
export async function plugMemory(vm: Vm, params: DeviceParams): Promise<void> {
  const { device, xml } = newDevice(params);
  vm.requireAlive();
  await vm.lane
    .run(async (bound) => {
      const obstacle =
        plugObstacle(vm.domain, device) ?? guaranteeObstacle(vm, device.size, params);
      if (obstacle !== undefined) throw new VdsmError('HotplugMemFailed', obstacle);
      await vm.hypervisor.attachDevice(vm.id, xml(), bound);
      await vm.refresh(bound);
      if (params.memGuaranteedSize !== undefined) {
        await setGuarantee(vm, params.memGuaranteedSize, bound);
      }
    })
    .catch(as('HotplugMemFailed'));
}

/** Asks for a device's removal; throws MissingParameter, or HotunplugMemFailed with the hypervisor's words. */
export async function unplugMemory(vm: Vm, params: DeviceParams): Promise<void> {
  const wish = namedDevice(params);
  vm.requireAlive();
  await vm.lane
    .run(async (bound) => {
      const { alias, size } = findDevice(vm.domain.memoryDevices, wish) ?? {};
      if (alias === undefined || size === undefined) {
        throw new VdsmError('HotunplugMemFailed', `no such device; ${pluggedText(vm)}`);
      }
      const obstacle = guaranteeObstacle(vm, KiB(0 - size), params);
      if (obstacle !== undefined) throw new VdsmError('HotunplugMemFailed', obstacle);
      await vm.hypervisor.detachDevice(vm.id, alias, bound).catch((error: unknown) => {
        // What merely took too long may still come to pass.
        if (isTimeout(error)) vm.unplugging.set(alias, params.memGuaranteedSize);
        throw error;
      });
      vm.unplugging.set(alias, params.memGuaranteedSize);
    })
    .catch(as('HotunplugMemFailed'));
}

/** Takes the arrival or the end of a device in: memory, target and guarantee follow, then listeners are told. */
export async function deviceChanged(
  vm: Vm,
  kind: 'device-added' | 'device-removed' | 'device-removal-failed',
  alias: string,
): Promise<void> {
  const before = sizeOf(vm, alias);
  await vm.lane.run(async (bound) => {
    await vm.refresh(bound);
    if (kind === 'device-removed') await settleGuarantee(vm, alias, bound);
  });
  if (kind !== 'device-added') vm.unplugging.delete(alias);
  const size = before ?? sizeOf(vm, alias);
  // Disks and network cards come and go with the same events.
  if (size !== undefined) vm.announce({ kind, alias, size });
}

/** Reads the domain again after events may have been lost, and tells which devices came and went unseen. */
export async function catchUp(vm: Vm): Promise<void> {
  const before = vm.domain.memoryDevices;
  await vm.lane.run(async (bound) => {
    await vm.refresh(bound);
    for (const { alias } of missing(before, vm)) await settleGuarantee(vm, alias, bound);
  });
  for (const { alias, size } of missing(before, vm)) {
    vm.unplugging.delete(alias);
    vm.announce({ kind: 'device-removed', alias, size });
  }
  const known = new Set(before.map(({ alias }) => alias));
  for (const { alias, size } of vm.domain.memoryDevices) {
    if (alias !== undefined && !known.has(alias)) {
      vm.announce({ kind: 'device-added', alias, size });
    }
  }
}

const sizeOf = ({ domain }: Vm, alias: string): KiB | undefined =>
  domain.memoryDevices.find((device) => device.alias === alias)?.size;

/** Those of `before` that the VM does not have any more. */
function missing(before: readonly MemoryDevice[], vm: Vm): { alias: string; size: KiB }[] {
  return before.flatMap(({ alias, size }) =>
    alias !== undefined && sizeOf(vm, alias) === undefined ? [{ alias, size }] : [],
  );
}

/** Sets the guarantee that was asked for with an unplug, or the memory that is left where that is less. */
async function settleGuarantee(vm: Vm, alias: string, bound: Bound): Promise<void> {
  const asked = vm.unplugging.get(alias);
  if (asked === undefined) return;
  await setGuarantee(vm, MiB(Math.min(asked, floorMiB(vm.memory))), bound);
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

const isTimeout = (error: unknown): boolean =>
  error instanceof HypervisorError && error.refusal === 'timed-out';
