import { childrenNamed } from '../domain-xml/element.ts';
import { memoryDeviceXml } from '../domain-xml/memoryDevice.ts';
import { parseMemoryDevice } from '../domain-xml/parse.ts';
import { readXml } from '../domain-xml/readXml.ts';
import type { MemoryDevice } from '../domain-xml/types.ts';
import { writeXml } from '../domain-xml/writeXml.ts';
import { type ErrorName, VdsmError } from '../errors.ts';
import type { DeviceWish } from '../memory/plug.ts';
import type { Typed } from '../schema.ts';
import { MiB, toKiB } from '../units.ts';
import type { HotplugMemoryParams } from '../../schema/hotplugMemoryParams.ts';
import { withoutAbsent } from './stats.ts';

/** The params of VM.hotplugMemory and VM.hotunplugMemory. */
export type DeviceParams = Typed<typeof HotplugMemoryParams>;

export interface NewDevice {
  readonly device: MemoryDevice;
  /** Written once the device is known to fit. */
  readonly xml: () => string;
}

/**
 * The device that a client wants plugged; a client's own XML is kept with all that it says. Throws MissingParameter,
 * or HotplugMemFailed for XML that cannot be read.
 */
export function newDevice(params: DeviceParams): NewDevice {
  requireVmId(params);
  const { memory, xml } = params;
  if (xml !== undefined) {
    return { device: parsedDevice(xml, 'HotplugMemFailed'), xml: () => bareDevice(xml) };
  }
  if (memory?.size === undefined || memory.node === undefined) {
    throw new VdsmError(
      'MissingParameter',
      'give params.memory with size (MiB) and node, or params.xml',
    );
  }
  const { size, node, alias, address } = memory;
  const device = {
    model: 'dimm',
    size: toKiB(MiB(size)),
    node,
    ...(alias === undefined ? {} : { alias }),
    ...(address?.slot === undefined ? {} : { address: { ...address, slot: address.slot } }),
  };
  return { device, xml: () => memoryDeviceXml(device) };
}

function bareDevice(xml: string): string {
  const root = readXml(xml);
  return writeXml(childrenNamed(root, 'memory')[0] ?? root);
}

/** The device that a client wants unplugged, as far as it is named; throws MissingParameter or HotunplugMemFailed. */
export function namedDevice(params: DeviceParams): DeviceWish {
  requireVmId(params);
  const { memory, xml } = params;
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

function requireVmId({ vmId }: DeviceParams): void {
  if (vmId === undefined) throw new VdsmError('MissingParameter', 'params.vmId is required');
}

function parsedDevice(xml: string, name: ErrorName): MemoryDevice {
  try {
    return parseMemoryDevice(xml);
  } catch (cause) {
    throw new VdsmError(name, (cause as Error).message, { cause });
  }
}
