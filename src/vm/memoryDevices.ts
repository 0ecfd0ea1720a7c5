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
      await follow(vm, bound);
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
      await follow(vm, bound).catch((error: unknown) => {
        vm.log.warn(
          { vmId: vm.id, alias, err: error },
          'what became of the device could not be read',
        );
      });
    })
    .catch(as('HotunplugMemFailed'));
}

/** Takes the news of a device in: memory, target and guarantee follow, then listeners are told. */
export async function deviceChanged(
  vm: Vm,
  kind: 'device-added' | 'device-removed' | 'device-removal-failed',
  alias: string,
): Promise<void> {
  await catchUp(vm);
  if (kind !== 'device-removal-failed') return;
  vm.unplugging.delete(alias);
  const size = sizeOf(vm, alias);
  // A disk or a network card may stay as well.
  if (size !== undefined) vm.announce({ kind, alias, size });
}

/** Reads the domain again, and tells which devices came and went since that was told last. */
export const catchUp = (vm: Vm): Promise<void> => vm.lane.run((bound) => follow(vm, bound));

/**
 * The same within an operation. Who changes devices does so before the next operation begins, as the event of the
 * change waits for its turn behind all that are asked for already, which may change the same device again.
 */
async function follow(vm: Vm, bound: Bound): Promise<void> {
  await vm.refresh(bound);
  const { came, went } = vm.deviceChanges();
  try {
    for (const { alias } of went) await settleGuarantee(vm, alias, bound);
  } finally {
    for (const { alias } of went) vm.unplugging.delete(alias);
    for (const { alias, size } of went) vm.announce({ kind: 'device-removed', alias, size });
    for (const { alias, size } of came) vm.announce({ kind: 'device-added', alias, size });
  }
}

const sizeOf = ({ domain }: Vm, alias: string): KiB | undefined =>
  domain.memoryDevices.find((device) => device.alias === alias)?.size;

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
