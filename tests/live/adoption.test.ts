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

/** A domain without an operating system: its firmware waits for a disk. */
const domainXml = (uuid: string): string =>
  `<domain type='qemu'>
    <name>made-by-virsh-${uuid.slice(0, 8)}</name><uuid>${uuid}</uuid>
    <memory unit='MiB'>256</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='q35'>hvm</type></os>
    <devices><memballoon model='virtio'/></devices>
  </domain>`;

needs('libvirtd')('domains that virsh made', () => {
  let folder: string;
  let libvirtd: PrivateLibvirtd;
  let client: WsClient;

  /** The status of this VM in the list of all; undefined if it is not listed. */
  const listed = async (vmID: string) => {
    const vms = (await client.call('Host.getVMList')) as { vmId: string; status: string }[];
    return vms.find(({ vmId }) => vmId === vmID)?.status;
  };

  /** Starts a domain, which is transient with `create` and persistent with `define`. */
  const start = async (how: 'create' | 'define') => {
    const uuid = randomUUID();
    const file = join(folder, `${uuid}.xml`);
    await writeFile(file, domainXml(uuid));
    await libvirtd.virsh(how, file);
    if (how === 'define') await libvirtd.virsh('start', uuid);
    return uuid;
  };

  const later = atEnd();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'domains-'));
    later(() => rm(folder, { recursive: true }));
    libvirtd = await PrivateLibvirtd.start();
    later(() => libvirtd.stop());
  });

  it('are adopted when vmemd starts, and get a statistics period, but nothing else is written', async () => {
    const vmID = await start('define');
    const dumps = () =>
      Promise.all(
        [['dumpxml'], ['dumpxml', '--inactive']].map((how) => libvirtd.virsh(...how, vmID)),
      );
    const [live = '', persistent] = await dumps();
    const vmemd = await Vmemd.start(libvirtd.uri);
    later(() => vmemd.end());
    client = await WsClient.connect(vmemd.url);
    later(() => client.close());
    await client.call('Events.subscribe');
    expect(await listed(vmID)).toBe('Up');
    await eventually(
      async () => (await client.call('VM.getBalloonInfo', { vmID })) as { balloon_cur?: string },
      ({ balloon_cur }) => balloon_cur === '262144',
    );
    const [now, persistentNow] = await dumps();
    expect(now).toMatch(/<stats period='1'\/>/);
    expect(now?.replace(/ *<stats period.*\n/, '')).toBe(live);
    expect(persistentNow).toBe(persistent);
  });

  it('are adopted when they start later, and accept verbs like any other VM', async () => {
    const vmID = await start('create');
    await client.notified(({ method }) => method === `|virt|VM_status|${vmID}`);
    await eventually(
      () => listed(vmID),
      (status) => status !== undefined,
    );
    const answer = await client.call('VM.setBalloonTarget', { vmID, target: 200_000 });
    expect(answer).toMatchObject({ code: 0, applied: true, target: 200_000 });
    await client.call('VM.pause', { vmID });
    expect(await libvirtd.virsh('domstate', vmID)).toBe('paused');
  });

  it('stay defined when they are destroyed', async () => {
    const vmID = await start('define');
    await eventually(
      () => listed(vmID),
      (status) => status !== undefined,
    );
    expect(await client.call('VM.destroy', { vmID })).toBe(true);
    expect(await listed(vmID)).toBeUndefined();
    expect(await libvirtd.virsh('domstate', vmID)).toBe('shut off');
  });

  it('leave the list when virsh stops them', async () => {
    const vmID = await start('create');
    await eventually(
      () => listed(vmID),
      (status) => status !== undefined,
    );
    await libvirtd.virsh('destroy', vmID);
    await client.notified(({ method, params }) => {
      const told = params[vmID] as { status?: string } | undefined;
      return method === `|virt|VM_status|${vmID}` && told?.status === 'Down';
    });
    await expect(client.call('VM.getStats', { vmID })).rejects.toMatchObject({ code: 1 });
  });
});
