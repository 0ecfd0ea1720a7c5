import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { needs } from '../support/needs.ts';
import { WsClient } from '../support/wsClient.ts';
import { atEnd } from './cleanup.ts';
import { eventually } from './guest.ts';
import { PrivateLibvirtd } from './privateLibvirtd.ts';
import { Vmemd } from './vmemd.ts';

interface Stats {
  readonly vmId: string;
  readonly vmName?: string;
  readonly status: string;
}

/** A domain without an operating system: its firmware waits for a disk. */
const domainXml = (
  uuid: string,
  changes: { name?: string; more?: string; devices?: string } = {},
) =>
  `<domain type='qemu'><name>${changes.name ?? uuid}</name><uuid>${uuid}</uuid>${changes.more ?? ''}
    <memory unit='KiB'>66000</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
    <devices>${changes.devices ?? ''}<memballoon model='virtio'/></devices></domain>`;

needs('libvirtd')('domains of every kind on real libvirt', () => {
  let folder: string;
  let libvirtd: PrivateLibvirtd;
  let client: WsClient;

  const later = atEnd();
  const statsOf = async (vmID: string): Promise<Stats | undefined> => {
    const all = (await client.call('Host.getAllVmStats')) as Stats[];
    return all.find(({ vmId }) => vmId === vmID);
  };
  const statusBecomes = (vmID: string, wanted: string) =>
    eventually(
      async () => (await statsOf(vmID))?.status,
      (status) => status === wanted,
    );
  const isListed = (vmID: string) =>
    eventually(
      () => statsOf(vmID),
      (stats) => stats?.vmName !== undefined,
    );
  const startByVirsh = async (xml: string): Promise<void> => {
    const file = join(folder, 'domain.xml');
    await writeFile(file, xml);
    await libvirtd.virsh('create', file);
  };
  const create = async (vmID: string, xml = domainXml(vmID)): Promise<void> => {
    await client.call('VM.create', { vmID, vmParams: { xml } });
    await eventually(
      async () => (await statsOf(vmID))?.status,
      (status) => status !== undefined && status !== 'WaitForLaunch',
    );
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'domains-'));
    later(() => rm(folder, { recursive: true }));
    libvirtd = await PrivateLibvirtd.start();
    later(() => libvirtd.stop());
    const vmemd = await Vmemd.start(libvirtd.uri);
    later(() => vmemd.end());
    client = await WsClient.connect(vmemd.url);
    later(() => client.close());
  });

  it.each<[string, Parameters<typeof domainXml>[1], string | undefined]>([
    ['a tab in its name', { name: 'a&#9;b' }, 'a\tb'],
    ['another control character in its name', { name: 'a&#133;b' }, 'a\u0085b'],
    ['blanks for a name', { name: '   ' }, '   '],
    [
      'a reserved word in its metadata',
      { more: "<metadata><x:constructor xmlns:x='urn:x'/></metadata>" },
      undefined,
    ],
    [
      'a DOCTYPE in a comment',
      { more: "<metadata><x:y xmlns:x='urn:x'><!-- <!DOCTYPE z> --></x:y></metadata>" },
      undefined,
    ],
    [
      'a long namespace',
      { more: `<metadata><x:y xmlns:x='urn:${'x'.repeat(1000)}'/></metadata>` },
      undefined,
    ],
    [
      'deep metadata',
      {
        more: `<metadata><x:y xmlns:x='urn:x'>${'<a>'.repeat(200)}${'</a>'.repeat(200)}</x:y></metadata>`,
      },
      undefined,
    ],
    [
      'more than 1 MiB of XML',
      { more: `<metadata><x:y xmlns:x='urn:x'>${'a'.repeat(1_200_000)}</x:y></metadata>` },
      undefined,
    ],
  ])('a domain with %s is a VM', async (_, changes, name) => {
    const uuid = randomUUID();
    await startByVirsh(domainXml(uuid, changes));
    await isListed(uuid);
    expect((await statsOf(uuid))?.vmName).toBe(name ?? uuid);
    await client.call('VM.destroy', { vmID: uuid });
  });

  it('a VM that is Down follows virsh domrename, refuses each verb, and says how to free its name', async () => {
    const vmID = randomUUID();
    await create(vmID);
    await libvirtd.virsh('destroy', vmID);
    await statusBecomes(vmID, 'Down');
    const name = `renamed-${vmID.slice(0, 8)}`;
    await libvirtd.virsh('domrename', vmID, name);
    const xmls = () =>
      client.call('Host.dumpxmls', { vmList: [vmID] }) as Promise<Record<string, string>>;
    await eventually(
      async () => (await xmls())[vmID],
      (xml) => xml?.includes(`<name>${name}</name>`) === true,
    );
    const refused: readonly (readonly [string, object, number])[] = [
      ['VM.updateVmPolicy', { params: { vmId: vmID, vcpuLimit: 50 } }, 63],
      ['VM.reset', {}, 1],
      ['VM.cont', {}, 16],
      ['VM.pause', {}, 6],
      ['VM.setCpuTuneQuota', { quota: 50_000 }, 62],
      ['VM.setBalloonTarget', { target: 65_536 }, 53],
      ['VM.setMemory', { memory: 128 }, 6],
    ];
    for (const [verb, given, code] of refused) {
      await expect(client.call(verb, { vmID, ...given })).rejects.toMatchObject({ code });
    }
    const other = randomUUID();
    const params = { vmID: other, vmParams: { xml: domainXml(other, { name }) } };
    await expect(client.call('VM.create', params)).rejects.toMatchObject({
      code: 4,
      message: expect.stringContaining('a VM that is Down; choose another name, or remove that VM'),
    });
    await client.call('VM.destroy', { vmID });
    await create(other, domainXml(other, { name }));
    await client.call('VM.destroy', { vmID: other });
  });

  it("the limits that MoM sets hold on a host without cgroups' CPU controller", async () => {
    const vmID = randomUUID();
    await create(vmID);
    expect(await statsOf(vmID)).toMatchObject({ vcpuQuota: '-1', vcpuPeriod: 100_000 });
    await client.call('VM.setCpuTuneQuota', { vmID, quota: -1 });
    await client.call('VM.setCpuTunePeriod', { vmID, period: 100_000 });
    await client.call('VM.destroy', { vmID });
  });

  it('a VM with a display tells its port', async () => {
    const vmID = randomUUID();
    const devices =
      "<graphics type='vnc' autoport='yes'><listen type='address' address='127.0.0.1'/></graphics>";
    await create(vmID, domainXml(vmID, { devices }));
    expect(await statsOf(vmID)).toMatchObject({
      displayInfo: [
        { type: 'vnc', port: expect.stringMatching(/^59\d\d$/), ipAddress: '127.0.0.1' },
      ],
    });
    await client.call('VM.destroy', { vmID });
  });

  it('the next run of a VM of no whole MiB follows a new size', async () => {
    const vmID = randomUUID();
    const cell =
      "<cpu mode='maximum'><numa><cell id='0' cpus='0' memory='66000' unit='KiB'/></numa></cpu>";
    const xml = domainXml(vmID.replaceAll('-', '').toUpperCase(), {
      name: vmID,
      more: `<maxMemory slots='4' unit='MiB'>1024</maxMemory>${cell}`,
    });
    await client.call('VM.create', { vmID: vmID.replaceAll('-', ''), vmParams: { xml } });
    await eventually(
      () => client.call('VM.getMemoryDevices', { vmID }).catch(() => undefined),
      (devices) => devices !== undefined,
    );
    await eventually(
      async () => (await statsOf(vmID))?.status,
      (status) => status !== 'WaitForLaunch',
    );
    const plan = await client.call('VM.setMemory', { vmID, memory: 193 });
    expect(plan).toMatchObject({ next_run: 'updated' });
    await client.call('VM.destroy', { vmID });
  });
});
