import { memoryDeviceXml } from '../../domain-xml/memoryDevice.ts';
import { parseDomain } from '../../domain-xml/parse.ts';
import { affect, type Domain } from '../../libvirt/index.ts';
import type { CallOptions } from '../hypervisor.ts';

/**
 * Detaches the device with this alias; rejects if the guest refuses at once. Memory is detached by its XML, because
 * libvirt does not wait for the guest's reply when it detaches by alias.
 */
export async function detach(domain: Domain, alias: string, options?: CallOptions): Promise<void> {
  const { memoryDevices } = parseDomain(await domain.getXmlDesc(0, options));
  const device = memoryDevices.find((one) => one.alias === alias && one.model === 'dimm');
  await (device ?
    domain.detachDevice(memoryDeviceXml(device), affect.live, options)
  : domain.detachDeviceAlias(alias, affect.live, options));
}
