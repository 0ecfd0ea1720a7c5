import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import type * as Libvirt from '../../src/libvirt/index.ts';
import type { WsClient } from '../../tests/support/wsClient.ts';

export const VM_ID = 'b0000000-0000-4000-8000-000000000001';
/** Size of a plugged device. */
const SIZE_MIB = 128;
/** Guarantee of the guest without and with a device. */
const GUARANTEED_MIB = 256;
const RAISED_MIB = 320;

/** Boots a guest from this image that brings plugged memory online, and waits until it reports statistics. */
export async function bootGuest(client: WsClient, image: string): Promise<void> {
  await client.call('VM.create', {
    vmID: VM_ID,
    vmParams: {
      vmName: 'bench-hotplug',
      vmType: 'qemu',
      memSize: 512,
      memGuaranteedSize: GUARANTEED_MIB,
      maxMemSize: 4096,
      maxMemSlots: 16,
      smp: 1,
      kernel: join(image, 'vmlinuz'),
      initrd: join(image, 'initramfs.gz'),
      kernelArgs: 'quiet movable_node',
      devices: [{ type: 'balloon', device: 'memballoon', model: 'virtio' }],
    },
  });
  await until(async () => {
    const [stats] = (await client.call('VM.getStats', { vmID: VM_ID })) as [
      { readonly memoryStats?: { readonly mem_total?: number } },
    ];
    return stats.memoryStats?.mem_total !== undefined;
  });
}

/** Polls `ask` until it returns true; throws after a minute. */
async function until(ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await ask())) {
    if (performance.now() > deadline)
      throw new Error('the guest did not reach the expected state within a minute');
    await sleep(20);
  }
}

/** A client that plugs and unplugs one device of the guest. */
export interface Party {
  readonly plug: () => Promise<unknown>;
  /** Reads what the unplug needs, and returns the unplug call. */
  readonly prepare: () => Promise<() => Promise<unknown>>;
}

/** Calls vmemd as oVirt's engine does: a new device has an alias, and each change includes the new guarantee. */
export function throughVmemd(client: WsClient, domain: Libvirt.Domain): Party {
  const call = (method: string, device: object, memGuaranteedSize: number): Promise<unknown> => {
    const memory = { type: 'memory', device: 'memory', ...device };
    const params = { vmId: VM_ID, memory, memGuaranteedSize };
    return client.call(method, { vmID: VM_ID, params });
  };
  return {
    plug: () => {
      const alias = `ua-${randomUUID()}`;
      return call('VM.hotplugMemory', { size: SIZE_MIB, node: 0, alias }, RAISED_MIB);
    },
    prepare: async () => {
      const alias = /<alias name='([^']+)'/.exec(await deviceXml(domain))?.[1];
      return () => call('VM.hotunplugMemory', { alias }, GUARANTEED_MIB);
    },
  };
}

/** Calls libvirt only. */
export function byLibvirt(domain: Libvirt.Domain, live: number): Party {
  const size = `<size unit='MiB'>${String(SIZE_MIB)}</size>`;
  const dimm = `<memory model='dimm'><target>${size}<node>0</node></target></memory>`;
  return {
    plug: () => domain.attachDeviceFlags(dimm, live),
    prepare: async () => {
      const xml = await deviceXml(domain);
      return () => domain.detachDeviceFlags(xml, live);
    },
  };
}

async function deviceXml(domain: Libvirt.Domain): Promise<string> {
  const device = /<memory model='dimm'.*?<\/memory>/s.exec(await domain.getXMLDesc(0))?.[0];
  if (device === undefined) throw new Error('the domain XML has no plugged DIMM');
  return device;
}

/**
 * Reads the guest's total before a plug. Returns a function that waits until the guest has reported the new memory to
 * libvirt, and returns that time of performance.now().
 */
export async function growthOf(
  domain: Libvirt.Domain,
  available: number,
): Promise<() => Promise<number>> {
  const total = async (): Promise<number> => Number((await domain.memoryStats()).get(available));
  const before = await total();
  return async () => {
    // The guest's page tables of the new memory take a part of it.
    await until(async () => (await total()) - before > SIZE_MIB * 1024 * 0.8);
    return performance.now();
  };
}
