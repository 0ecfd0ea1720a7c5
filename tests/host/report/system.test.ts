import { expect, test } from '@jest/globals';
import { createSimulatedHost } from '../../../src/host/simulated/simulatedHost.ts';
import { Procfs } from '../../../src/host/report/procfs.ts';
import { system } from '../../../src/host/report/system.ts';
import { procfs, rootWith } from '../../support/procfs.ts';

const node = async () => {
  const host = createSimulatedHost();
  await host.open();
  return host.node();
};

test("reports the host's operating system and its boot", async () => {
  const proc = procfs({
    'proc/cmdline': 'BOOT_IMAGE=/vmlinuz ro quiet\n',
    'proc/sys/kernel/random/boot_id': '2f0c\n',
    'proc/sys/crypto/fips_enabled': '1\n',
    'sys/kernel/kexec_crash_loaded': '1\n',
    'sys/fs/selinux/enforce': '1',
  });
  expect(await system(await node(), proc)).toMatchObject({
    operatingSystem: { name: 'Debian GNU/Linux', version: '12', release: '6.1.0-40-amd64' },
    kernelArgs: 'BOOT_IMAGE=/vmlinuz ro quiet',
    boot_uuid: '2f0c',
    bootTime: '1780000000',
    fipsEnabled: true,
    kdumpStatus: 1,
    selinux: { mode: '1' },
  });
});

test("the host's id is VDSM's, otherwise the hypervisor's", async () => {
  const simulated = await node();
  const { uuid } = await system(simulated, procfs());
  expect(uuid).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  expect(simulated.capabilitiesXml).toContain(`<uuid>${String(uuid)}</uuid>`);
  const proc = procfs({ 'etc/vdsm/vdsm.id': 'b3f6d9c4-0000-4000-8000-000000000001\n' });
  expect(await system(simulated, proc)).toMatchObject({
    uuid: 'b3f6d9c4-0000-4000-8000-000000000001',
  });
});

test('unknown values are absent, or off if that means the same', async () => {
  const report = await system({ ...(await node()), capabilitiesXml: '' }, new Procfs(rootWith({})));
  expect(report).toEqual({
    operatingSystem: { name: 'Linux', version: '', release: '' },
    selinux: { mode: '-1' },
    fipsEnabled: false,
  });
});
