import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from '@jest/globals';
import { needs } from '../support/needs.ts';
import { WsClient } from '../support/wsClient.ts';
import { atEnd } from './cleanup.ts';
import { PrivateLibvirtd } from './privateLibvirtd.ts';
import { Vmemd } from './vmemd.ts';

const READ_ONLY = '[libvirt]\nread_only = true\n';

const xml = (uuid: string) =>
  `<domain type='qemu'><name>owned</name><uuid>${uuid}</uuid><memory unit='KiB'>131072</memory>
   <currentMemory unit='KiB'>131072</currentMemory><os><type arch='x86_64' machine='q35'>hvm</type></os>
   <features><acpi/></features><devices><memballoon model='virtio'/></devices></domain>`;

const CHANGES: readonly (readonly [string, object])[] = [
  ['VM.setBalloonTarget', { target: 100_000 }],
  ['VM.setGuaranteedMemory', { guaranteed: 64 }],
  ['VM.setMemoryStatsPeriod', { period: 7 }],
  ['VM.setMemory', { memory: 256 }],
  ['VM.setCpuTuneQuota', { quota: 50_000 }],
  ['VM.updateVmPolicy', { params: { vmId: 'x', vcpuLimit: 50 } }],
  ['VM.pause', {}],
  ['VM.reset', {}],
  ['VM.shutdown', {}],
  ['VM.destroy', {}],
];

needs('libvirtd')('one libvirt', () => {
  const vmID = randomUUID();
  const later = atEnd();
  let libvirtd: PrivateLibvirtd;
  let owner: Vmemd;

  const xmls = () =>
    Promise.all([
      libvirtd.virsh('dumpxml', vmID),
      libvirtd.virsh('dumpxml', vmID, '--inactive'),
      libvirtd.virsh('list', '--all'),
    ]);
  const start = async (more = ''): Promise<Vmemd> => {
    const vmemd = await Vmemd.start(libvirtd.uri, more);
    later(() => vmemd.end());
    return vmemd;
  };
  const clientOf = async ({ url }: Vmemd): Promise<WsClient> => {
    const client = await WsClient.connect(url);
    later(() => client.close());
    return client;
  };

  beforeAll(async () => {
    libvirtd = await PrivateLibvirtd.start();
    later(() => libvirtd.stop());
    owner = await start();
    const client = await clientOf(owner);
    await client.call('Events.subscribe');
    await client.call('VM.create', { vmID, vmParams: { xml: xml(vmID) } });
    await client.notified(
      ({ params }) => (params[vmID] as { status?: string } | undefined)?.status === 'Up',
    );
  });

  it('has one owner: a second vmemd names it and ends', async () => {
    await expect(Vmemd.start(libvirtd.uri)).rejects.toThrow(
      /another vmemd owns this libvirt: vmemd .*--read-only/,
    );
  });

  it('has another owner at once when the first is killed', async () => {
    expect(await owner.end('SIGKILL')).toBe('SIGKILL');
    owner = await start();
    await expect(Vmemd.start(libvirtd.uri)).rejects.toThrow('another vmemd owns');
  });

  it('has each VM that VM.create has answered for, though the owner is killed at once', async () => {
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    for (const id of ids) {
      const client = await clientOf(owner);
      const document = xml(id).replace('owned', `answered-${id}`);
      await client.call('VM.create', { vmID: id, vmParams: { xml: document } });
      await owner.end('SIGKILL');
      owner = await start();
    }
    const client = await clientOf(owner);
    const known = (await client.call('Host.getVMList')) as { vmId: string }[];
    expect(known.map(({ vmId }) => vmId)).toEqual(expect.arrayContaining(ids));
    for (const id of ids) await client.call('VM.destroy', { vmID: id });
  });

  it('is read beside its owner by a vmemd that refuses each change', async () => {
    const reader = await clientOf(await start(READ_ONLY));
    const before = await xmls();
    for (const [verb, params] of CHANGES) {
      await expect(reader.call(verb, { vmID, ...params })).rejects.toMatchObject({
        code: 75,
        message: expect.stringContaining('read-only'),
      });
    }
    const [stats] = (await reader.call('VM.getStats', { vmID })) as [object];
    expect(stats).toMatchObject({ status: 'Up', vmName: 'owned' });
    await reader.call('Host.getCapabilities');
    await reader.call('Events.subscribe');
    expect(await xmls()).toEqual(before);
    await (await clientOf(owner)).call('VM.pause', { vmID });
    await reader.notified(
      ({ params }) => (params[vmID] as { status?: string } | undefined)?.status === 'Paused',
    );
    await libvirtd.virsh('resume', vmID);
  });

  it('stays as it is, byte for byte, when only a reader is left, whatever it would correct as owner', async () => {
    await owner.end('SIGKILL');
    await libvirtd.virsh('dommemstat', vmID, '--period', '0', '--live');
    await libvirtd.virsh('setmem', vmID, '100000', '--live');
    const before = await xmls();
    const vmemd = await start(READ_ONLY);
    const reader = await clientOf(vmemd);
    await libvirtd.virsh('reset', vmID);
    // Several rounds of sampling, in which an owner sets the period and the target again.
    await sleep(5000);
    expect(await reader.call('VM.getBalloonInfo', { vmID })).toMatchObject({ stats_period_s: 0 });
    const page = await fetch(`${vmemd.httpUrl}/metrics`);
    expect(await page.text()).toContain('domain="owned"');
    expect(await xmls()).toEqual(before);
  });
});
