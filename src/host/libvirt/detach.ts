import { memoryDeviceXml } from '../../domain-xml/memoryDevice.ts';
import { parseDomain } from '../../domain-xml/parse.ts';
import type { MemoryDevice } from '../../domain-xml/types.ts';
import { affect, type Domain } from '../../libvirt/index.ts';
import type { CallOptions, DetachOptions } from '../hypervisor.ts';

/**
 * Detaches the device with this alias; rejects if the guest refuses at once. A DIMM is detached by its XML, because
 * libvirt does not wait for the guest's reply when it detaches by alias.
 */
export async function detach(
  domain: Domain,
  alias: string,
  { device, ...options }: DetachOptions = {},
): Promise<void> {
  const memory = device ?? (await lookUp(domain, alias, options));
  await (memory?.model === 'dimm' ?
    domain.detachDeviceFlags(memoryDeviceXml(memory), affect.live, options)
  : domain.detachDeviceAlias(alias, affect.live, options));
}

async function lookUp(
  domain: Domain,
  alias: string,
  options: CallOptions,
): Promise<MemoryDevice | undefined> {
  const { memoryDevices } = parseDomain(await domain.getXMLDesc(0, options));
  return memoryDevices.find((device) => device.alias === alias);
}
