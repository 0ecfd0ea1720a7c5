import { memoryDeviceXml } from '../domain-xml/memoryDevice.ts';
import { parseMemoryDevice } from '../domain-xml/parse.ts';
import type { MemoryDevice } from '../domain-xml/types.ts';
import { type ErrorName, VdsmError } from '../errors.ts';
import { type Bound, HypervisorError } from '../host/hypervisor.ts';
import { type DeviceWish, findDevice, plugObstacle } from '../memory/plug.ts';
import type { Typed } from '../schema.ts';
import { floorMiB, KiB, MiB, toKiB } from '../units.ts';
import type { HotplugMemoryParams } from '../../schema/hotplugMemoryParams.ts';
import { as } from './failure.ts';
import { withoutAbsent } from './stats.ts';
import type { Vm } from './vm.ts';

type Params = Typed<typeof HotplugMemoryParams>;

/** Plugs one device; throws MissingParameter, or HotplugMemFailed with what stands against it. */
export async function plugMemory(vm: Vm, params: Params): Promise<void> {
  requireVmId(params);
  vm.requireAlive();
  const device = plugged(params);
  await vm.lane
    .run(async (bound) => {
      const obstacle =
        plugObstacle(vm.domain, device) ?? guaranteeObstacle(vm, device.size, params);
      if (obstacle !== undefined) throw new VdsmError('HotplugMemFailed', obstacle);
      await vm.hypervisor.attachDevice(vm.id, memoryDeviceXml(device), bound);
      await vm.refresh(bound);
      if (params.memGuaranteedSize !== undefined) {
        await vm.save({ memGuaranteedSize: params.memGuaranteedSize }, bound);
      }
    })
    .catch(as('HotplugMemFailed'));
}

/** Asks for a device's removal; throws MissingParameter, or HotunplugMemFailed with the hypervisor's words. */
export async function unplugMemory(vm: Vm, params: Params): Promise<void> {
  requireVmId(params);
  vm.requireAlive();
  const wish = wished(params);
  await vm.lane
    .run(async (bound) => {
      const { alias, size } = findDevice(vm.domain.memoryDevices, wish) ?? {};
      if (alias === undefined || size === undefined) {
        throw new VdsmError('HotunplugMemFailed', `no such device; ${pluggedText(vm)}`);
      }
      const obstacle = guaranteeObstacle(vm, KiB(-size), params);
      if (obstacle !== undefined) throw new VdsmError('HotunplugMemFailed', obstacle);
      vm.unplugging.set(alias, params.memGuaranteedSize);
      await vm.hypervisor.detachDevice(vm.id, alias, bound).catch((error: unknown) => {
        // What merely took too long may still come to pass.
        if (!isTimeout(error)) vm.unplugging.delete(alias);
        throw error;
      });
    })
    .catch(as('HotunplugMemFailed'));
}

/** Takes the arrival or the end of a device in: memory, target and guarantee follow, then listeners are told. */
export async function deviceChanged(
  vm: Vm,
  kind: 'device-added' | 'device-removed' | 'device-removal-failed',
  alias: string,
): Promise<void> {
  const sizeOf = (): KiB | undefined =>
    vm.domain.memoryDevices.find((device) => device.alias === alias)?.size;
  let size = sizeOf();
  await vm.lane.run(async (bound) => {
    await vm.refresh(bound);
    size ??= sizeOf();
    if (kind === 'device-removed') await lowerGuarantee(vm, vm.unplugging.get(alias), bound);
  });
  if (kind !== 'device-added') vm.unplugging.delete(alias);
  // Disks and network cards come and go with the same events.
  if (size !== undefined) vm.announce({ kind, alias, size });
}

/** Sets the guarantee that was to hold after an unplug, or the memory that is left where that is less. */
async function lowerGuarantee(vm: Vm, asked: MiB | undefined, bound: Bound): Promise<void> {
  const left = floorMiB(vm.memory);
  const wanted = asked ?? floorMiB(vm.guaranteed);
  const memGuaranteedSize = MiB(Math.min(wanted, left));
  if (toKiB(memGuaranteedSize) !== vm.guaranteed) await vm.save({ memGuaranteedSize }, bound);
}

function requireVmId({ vmId }: Params): void {
  if (vmId === undefined) throw new VdsmError('MissingParameter', 'params.vmId is required');
}

/** The device that a client wants plugged. */
function plugged({ memory, xml }: Params): MemoryDevice {
  if (xml !== undefined) return parsedDevice(xml, 'HotplugMemFailed');
  if (memory?.size === undefined || memory.node === undefined) {
    throw new VdsmError(
      'MissingParameter',
      'give params.memory with size (MiB) and node, or params.xml',
    );
  }
  const { size, node, alias, address } = memory;
  return {
    model: 'dimm',
    size: toKiB(MiB(size)),
    node,
    ...(alias === undefined ? {} : { alias }),
    ...(address?.slot === undefined ? {} : { address: { ...address, slot: address.slot } }),
  };
}

/** The device that a client wants unplugged, as far as it is named. */
function wished({ memory, xml }: Params): DeviceWish {
  if (xml !== undefined) {
    const { address, ...device } = parsedDevice(xml, 'HotunplugMemFailed');
    return { ...device, ...address };
  }
  if (!memory) throw new VdsmError('MissingParameter', 'give params.memory or params.xml');
  const { alias, size, node, address } = memory;
  return withoutAbsent({
    alias,
    node,
    slot: address?.slot,
    base: address?.base,
    size: size === undefined ? undefined : toKiB(MiB(size)),
  });
}

function parsedDevice(xml: string, name: ErrorName): MemoryDevice {
  try {
    return parseMemoryDevice(xml);
  } catch (cause) {
    throw new VdsmError(name, (cause as Error).message, { cause });
  }
}

/** Why the guarantee asked for cannot hold once the memory has changed by this much. */
function guaranteeObstacle(vm: Vm, change: KiB, params: Params): string | undefined {
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
