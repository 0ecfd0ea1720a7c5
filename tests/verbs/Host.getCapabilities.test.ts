import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { World } from '../support/world.ts';

test('has memory in MiB as text, and all that the engine requires', async () => {
  const world = await World.open();
  await expect(world.call('Host.getCapabilities')).resolves.toMatchObject({
    memSize: '65536',
    reservedMem: '321',
    guestOverhead: '65',
    kvmEnabled: 'true',
    emulatedMachines: expect.arrayContaining(['q35']),
    clusterLevels: expect.arrayContaining(['4.6', '4.7']),
    supportedENGINEs: expect.arrayContaining(['4.5']),
    rngSources: ['random'],
    HBAInventory: { FC: [], iSCSI: [] },
    packages2: { vdsm: { version: expect.any(String), release: expect.any(String) } },
    numaNodes: { 0: { cpus: [0, 1], totalMemory: '8192' } },
  });
});

test('fails with the reason if the hypervisor does not answer', async () => {
  const world = await World.open();
  world.faults.node = () => Promise.reject(new HypervisorError('unreachable', 'libvirt is gone'));
  await expect(world.call('Host.getCapabilities')).rejects.toMatchObject({
    code: 16,
    message: 'Unexpected exception: libvirt is gone',
  });
});
