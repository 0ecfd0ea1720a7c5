import { beforeAll, expect, it } from '@jest/globals';
import { needs } from '../support/needs.ts';
import { WsClient } from '../support/wsClient.ts';
import { atEnd } from './cleanup.ts';
import { eventually, Guest } from './guest.ts';
import { PrivateLibvirtd } from './privateLibvirtd.ts';
import { Vmemd } from './vmemd.ts';

needs('libvirtd', 'VMEMD_TEST_GUEST')('changes of memory under way', () => {
  let libvirtd: PrivateLibvirtd;
  let vmemd: Vmemd;
  let client: WsClient;
  /** One that gives its device back while nobody looks, and one that does so later. */
  let quick: Guest;
  let slow: Guest;
  let guests: readonly Guest[];
  const later = atEnd();

  const connect = async (): Promise<void> => {
    vmemd = await Vmemd.start(libvirtd.uri);
    client = await WsClient.connect(vmemd.url);
    await client.call('Events.subscribe');
  };

  /** What it has, and what of it is guaranteed, in MiB. */
  const memory = async (guest: Guest) => {
    const { balloon_max, balloon_min } = await guest.balloon();
    return { memory: Number(balloon_max) / 1024, guaranteed: Number(balloon_min) / 1024 };
  };

  /** Waits until the guest is asked for a device; libvirt then waits for its answer, five seconds at most. */
  const isAsked = (guest: Guest) =>
    eventually(
      () => libvirtd.virsh('dumpxml', guest.id),
      (xml) => /unplug.*requested/.test(xml),
    );

  beforeAll(async () => {
    libvirtd = await PrivateLibvirtd.start();
    later(() => libvirtd.stop());
    await connect();
    later(() => vmemd.end());
    later(() => client.close());
    guests = [(quick = await Guest.create(client)), (slow = await Guest.create(client))];
    later(() => Promise.all(guests.map((guest) => guest.dispose())));
    await Promise.all(guests.map((guest) => guest.booted()));
    for (const guest of guests) await guest.setMemory(640);
    await Promise.all(guests.map((guest) => guest.devicesBecome('guest-online')));
  });

  it('go on although vmemd is killed', async () => {
    for (const guest of guests) {
      await guest.call('VM.pause');
      await guest.setMemory(512, { guaranteed: 200 });
    }
    await Promise.all(guests.map(isAsked));
    expect(await vmemd.end('SIGKILL')).toBe('SIGKILL');
    await libvirtd.virsh('resume', quick.id);
    await eventually(
      () => libvirtd.virsh('dumpxml', quick.id),
      (xml) => !xml.includes("<memory model='dimm'"),
    );
    await connect();
    for (const guest of guests) guest.reconnect(client);
    expect(await quick.job()).toMatchObject({ state: 'done', changes: [{ state: 'removed' }] });
    expect(await memory(quick)).toEqual({ memory: 512, guaranteed: 200 });
    expect(await slow.job()).toMatchObject({ state: 'running', guaranteed_mib: 200 });
    expect(await memory(slow)).toEqual({ memory: 640, guaranteed: 256 });
  });

  it('go on although libvirtd is restarted', async () => {
    const [alias = ''] = await slow.devices();
    await libvirtd.restart();
    await eventually(
      () => slow.call('VM.cont').catch((error: unknown) => error),
      (answer) => !(answer instanceof Error),
    );
    await slow.notified('memory', { event: 'device-removed', alias });
    expect(await slow.jobBecomes('done')).toMatchObject({ changes: [{ alias, state: 'removed' }] });
    expect(await memory(slow)).toEqual({ memory: 512, guaranteed: 200 });
  });
});
