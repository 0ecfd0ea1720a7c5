import { VdsmError } from '../errors.ts';
import { type Bound, HypervisorError } from '../host/hypervisor.ts';
import { findDevice, plugObstacle } from '../memory/plug.ts';
import { floorMiB, KiB, MiB } from '../units.ts';
import { setGuarantee } from './balloon.ts';
import { type DeviceParams, namedDevice, newDevice } from './deviceParams.ts';
import { as } from './failure.ts';
import { formatUnplugs, type PendingUnplugs } from './pendingUnplugs.ts';
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
      // The device is in: a client that were told otherwise would plug a second one.
      await settlePlug(vm, params.memGuaranteedSize, bound).catch((error: unknown) => {
        vm.log.error({ vmId: vm.id, err: error }, 'a device was plugged, but not all written down');
      });
    })
    .catch(as('HotplugMemFailed'));
}

async function settlePlug(vm: Vm, guaranteed: MiB | undefined, bound: Bound): Promise<void> {
  await follow(vm, bound);
  if (guaranteed !== undefined) await setGuarantee(vm, guaranteed, bound);
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
      const before = vm.unplugging;
      const asked = new Map([...before, [alias, params.memGuaranteedSize] as const]);
      await remember(vm, asked, bound);
      await vm.hypervisor.detachDevice(vm.id, alias, bound).catch(async (error: unknown) => {
        // What merely took too long may still come to pass.
        if (!isTimeout(error)) await remember(vm, before, bound);
        throw error;
      });
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
  await vm.lane.run((bound) => remember(vm, without(vm.unplugging, alias), bound));
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
  for (const { alias, size } of went) vm.announce({ kind: 'device-removed', alias, size });
  for (const { alias, size } of came) vm.announce({ kind: 'device-added', alias, size });
  await settleUnplugs(vm, bound);
}

/**
 * For each device that was to go and is gone, also while vmemd was away: sets the guarantee that was asked for with
 * it, or the memory that is left where that is less. What could not be written down is tried again the next time.
 */
async function settleUnplugs(vm: Vm, bound: Bound): Promise<void> {
  for (const [alias, asked] of vm.unplugging) {
    if (sizeOf(vm, alias) !== undefined) continue;
    if (asked !== undefined) {
      await setGuarantee(vm, MiB(Math.min(asked, floorMiB(vm.memory))), bound);
    }
    await remember(vm, without(vm.unplugging, alias), bound);
  }
}

/** Keeps which devices are to go, in the metadata so that a restart forgets none. */
async function remember(vm: Vm, pending: PendingUnplugs, bound: Bound): Promise<void> {
  const unplugging = formatUnplugs(pending);
  if (unplugging !== formatUnplugs(vm.unplugging)) await vm.save({ unplugging }, bound);
}

const without = (pending: PendingUnplugs, gone: string): PendingUnplugs =>
  new Map([...pending].filter(([alias]) => alias !== gone));

const sizeOf = ({ domain }: Vm, alias: string): KiB | undefined =>
  domain.memoryDevices.find((device) => device.alias === alias)?.size;

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
