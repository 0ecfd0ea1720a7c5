import type { Element } from '../../domain-xml/element.ts';
import { memoryDeviceOf, memoryDeviceXml } from '../../domain-xml/memoryDevice.ts';
import { readMemoryDevice } from '../../domain-xml/parse.ts';
import type { MemoryDevice } from '../../domain-xml/types.ts';
import { privilegedPart } from '../../domain-xml/privileged.ts';
import { writeXml } from '../../domain-xml/writeXml.ts';
import { type ErrorName, VdsmError } from '../../common/errors.ts';
import type { DeviceWish } from '../../memory/plugChecks.ts';
import type { Typed } from '../../common/typed.ts';
import { MiB, toKiB } from '../../common/units.ts';
import type { HotplugMemoryParams } from '../../../schema/hotplugMemoryParams.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';

/** The params of VM.hotplugMemory and VM.hotunplugMemory. */
export type DeviceParams = Typed<typeof HotplugMemoryParams>;

export interface NewDevice {
  readonly device: MemoryDevice;
  /** Returns the device's XML; called once the device is known to fit. */
  readonly xml: () => string;
}

/**
 * Returns the device that a client wants to plug; a client's own XML is kept unchanged. Throws MissingParameter, or
 * HotplugMemFailed for XML that cannot be read.
 */
export function newDevice(params: DeviceParams): NewDevice {
  requireVmId(params);
  const { memory, xml } = params;
  if (xml !== undefined) {
    const { element, device } = given(xml, 'HotplugMemFailed');
    return { device, xml: () => writeXml(element) };
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

/** Throws AccessDenied for a device that does more than give memory, as one that is kept in a file of the host. */
export function requirePlainDevice({ xml }: DeviceParams): void {
  if (xml === undefined) return;
  const part = privilegedPart(given(xml, 'HotplugMemFailed').element, []);
  if (part === undefined) return;
  throw new VdsmError(
    'AccessDenied',
    `${part} is root-equivalent and needs the class admin; plug memory without it`,
  );
}

/** Returns the properties that name the device to unplug; throws MissingParameter or HotunplugMemFailed. */
export function namedDevice(params: DeviceParams): DeviceWish {
  requireVmId(params);
  const { memory, xml } = params;
  if (xml !== undefined) {
    const { address, ...device } = given(xml, 'HotunplugMemFailed').device;
    return { ...device, ...address };
  }
  if (!memory) throw new VdsmError('MissingParameter', 'give params.memory or params.xml');
  const { alias, size, node, address } = memory;
  return omitUndefined({
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

function given(xml: string, name: ErrorName): { element: Element; device: MemoryDevice } {
  try {
    const element = readMemoryDevice(xml);
    return { element, device: memoryDeviceOf(element) };
  } catch (cause) {
    throw new VdsmError(name, (cause as Error).message, { cause });
  }
}
