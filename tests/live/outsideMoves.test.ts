import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { targetsOfMom } from '../support/momPolicy.ts';
import { readAsMom } from '../support/momReader.ts';
import { needs, prerequisite } from '../support/needs.ts';
import { WsClient } from '../support/wsClient.ts';
import { atEnd } from './cleanup.ts';
import { eventually, Guest } from './guest.ts';
import { PrivateLibvirtd } from './privateLibvirtd.ts';
import { Vmemd } from './vmemd.ts';

const MIB = 1024;

/** A guest of 384 MiB as another program makes it. */
const foreign = (uuid: string, image: string): string =>
  `<domain type='qemu'>
    <name>theirs</name><uuid>${uuid}</uuid><memory unit='MiB'>384</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='q35'>hvm</type><kernel>${join(image, 'vmlinuz')}</kernel>
      <initrd>${join(image, 'initramfs.gz')}</initrd><cmdline>console=ttyS0 quiet</cmdline></os>
    <features><acpi/></features><cpu mode='maximum'/>
    <devices><memballoon model='virtio'><stats period='1'/></memballoon></devices>
  </domain>`;

needs('libvirtd', 'VMEMD_TEST_GUEST')('balloons that vmemd does not move alone', () => {
  let libvirtd: PrivateLibvirtd;
  let client: WsClient;
  /** One of 512 MiB with 400 guaranteed, and one of 512 without a guarantee. */
  let guaranteed: Guest;
  let unguarded: Guest;
  const theirs = randomUUID();
  const later = atEnd();

  const setmem = (vm: string, mib: number) => libvirtd.virsh('setmem', vm, `${String(mib)}M`);

  const balloonOf = async (vmID: string) =>
    (await client.call('VM.getBalloonInfo', { vmID })) as Awaited<ReturnType<Guest['balloon']>>;

  /** What MoM would send on a host with hardly any memory left, by the VM's name. */
  const targets = async () =>
    targetsOfMom(readAsMom(await client.call('Host.getAllVmStats')).values(), 0.06);

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'domains-'));
    later(() => rm(folder, { recursive: true }));
    libvirtd = await PrivateLibvirtd.start();
    later(() => libvirtd.stop());
    const vmemd = await Vmemd.start(libvirtd.uri);
    later(() => vmemd.end());
    client = await WsClient.connect(vmemd.url);
    later(() => client.close());
    await client.call('Events.subscribe');
    const file = join(folder, 'theirs.xml');
    await writeFile(file, foreign(theirs, resolve('/', prerequisite('VMEMD_TEST_GUEST'))));
    await libvirtd.virsh('create', file);
    guaranteed = await Guest.create(client, 'willing', { memGuaranteedSize: 400 });
    later(() => guaranteed.dispose());
    // With room for devices the kernel itself needs more than the floor.
    const sizes = { memGuaranteedSize: undefined, maxMemSize: undefined, maxMemSlots: undefined };
    unguarded = await Guest.create(client, 'willing', sizes);
    later(() => unguarded.dispose());
    await Promise.all([guaranteed.booted(), unguarded.booted()]);
  });

  it('a guest of another program gets no target from MoM, while others do', async () => {
    const stats = () => client.call('VM.getStats', { vmID: theirs }) as Promise<object[]>;
    await eventually(stats, ([one]) => one !== undefined && 'memoryStats' in one);
    expect((await stats())[0]).not.toHaveProperty('balloonInfo');
    const sent = await eventually(targets, ({ size }) => size > 1);
    expect(sent.has('theirs')).toBe(false);
    expect(await balloonOf(theirs)).toMatchObject({
      ballooning_enabled: false,
      ballooning_disabled_because: expect.stringContaining('another program'),
      balloon_cur: String(384 * MIB),
      target_by: 'start',
      moving: 'at-target',
    });
  });

  it('a guest of another program is ballooned once a client has set a target', async () => {
    const target = 300 * MIB;
    await client.call('VM.setBalloonTarget', { vmID: theirs, target });
    await eventually(
      () => balloonOf(theirs),
      ({ moving }) => moving === 'at-target',
    );
    expect(await balloonOf(theirs)).toMatchObject({
      ballooning_enabled: true,
      balloon_min: String(128 * MIB),
      balloon_cur: String(target),
      target_by: 'client',
    });
    await eventually(targets, (sent) => sent.has('theirs'));
  });

  it('a guest without a guarantee is left its floor, on which it lives', async () => {
    const target = 128 * MIB;
    expect(await unguarded.setTarget(64 * MIB)).toMatchObject({
      target,
      reason: expect.stringContaining('without a guarantee'),
    });
    await unguarded.balloonReaches(target);
    await unguarded.reportsAfter(Date.now());
    expect(await unguarded.balloon()).toMatchObject({ bound: 'floor', moving: 'at-target' });
  });

  it('a target in MiB is refused', async () => {
    await expect(unguarded.setTarget(256)).rejects.toMatchObject({
      code: 91,
      message: expect.stringContaining('targets are in KiB; 256 MiB are 262144'),
    });
  });

  it('a balloon that virsh moves below the guarantee is told, and brought back', async () => {
    await setmem(guaranteed.id, 300);
    await guaranteed.notified('memory', { event: 'balloon-moved-outside', below_min: true });
    await guaranteed.balloonReaches(400 * MIB);
    const told = await eventually(
      () => guaranteed.balloon(),
      ({ moving }) => moving === 'at-target',
    );
    expect(told).toMatchObject({
      balloon_target: String(400 * MIB),
      target_by: 'outside',
      bound: 'guarantee',
    });
  });

  it('a balloon that virsh moves above the guarantee is told, and left there', async () => {
    await setmem(guaranteed.id, 450);
    await guaranteed.notified('memory', { event: 'balloon-moved-outside', below_min: false });
    const told = await eventually(
      () => guaranteed.balloon(),
      ({ balloon_target }) => balloon_target === String(450 * MIB),
    );
    expect(told).toMatchObject({
      balloon_cur: String(450 * MIB),
      target_by: 'outside',
      moving: 'moved-outside',
    });
  });
});
