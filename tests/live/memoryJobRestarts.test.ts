import { beforeAll, expect, it } from '@jest/globals';
import { needs } from '../support/needs.ts';
import { WsClient } from '../support/wsClient.ts';
import { atEnd } from './cleanup.ts';
import { eventually, Guest } from './guest.ts';
import { PrivateLibvirtd } from './privateLibvirtd.ts';
import { Vmemd } from './vmemd.ts';

/** Long enough for restarts of vmemd while a paused guest has an unplug. */
const PATIENT = '[hotplug]\nunplug_timeout = 600\n';

needs('libvirtd', 'VMEMD_TEST_GUEST')('changes of memory under way', () => {
  let libvirtd: PrivateLibvirtd;
  let vmemd: Vmemd;
  let client: WsClient;
  /** One that releases its device while vmemd is stopped, and one that does so later. */
  let quick: Guest;
  let slow: Guest;
  let guests: readonly Guest[];
  const later = atEnd();

  const connect = async (): Promise<void> => {
    vmemd = await Vmemd.start(libvirtd.uri, PATIENT);
    client = await WsClient.connect(vmemd.url);
    await client.call('Events.subscribe');
  };

  /** Its memory and guarantee, in MiB. */
  const memory = async (guest: Guest) => {
    const { balloon_max, balloon_min } = await guest.balloon();
    return { memory: Number(balloon_max) / 1024, guaranteed: Number(balloon_min) / 1024 };
  };

  /** Waits until libvirt has sent that many unplugs, each of which takes five seconds. */
  const haveBeenAsked = (count: number) =>
    eventually(
      async () => (await fetch(new URL('/metrics', vmemd.httpUrl))).text(),
      (page) => page.includes(`_count{procedure="domainDetachDeviceFlags"} ${String(count)}\n`),
    );

  /** Resumes a paused guest while vmemd is stopped, until it has released its device. */
  const givesBack = async (guest: Guest): Promise<void> => {
    await libvirtd.virsh('resume', guest.id);
    await eventually(
      () => libvirtd.virsh('dumpxml', guest.id),
      (xml) => !xml.includes("<memory model='dimm'"),
    );
  };

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

  it('continue after vmemd is killed', async () => {
    for (const guest of guests) {
      await guest.call('VM.pause');
      await guest.setMemory(512, { guaranteed: 200 });
    }
    await haveBeenAsked(guests.length);
    expect(await vmemd.end('SIGKILL')).toBe('SIGKILL');
    await givesBack(quick);
    await connect();
    for (const guest of guests) guest.reconnect(client);
    expect(await quick.job()).toMatchObject({ state: 'done', changes: [{ state: 'removed' }] });
    expect(await memory(quick)).toEqual({ memory: 512, guaranteed: 200 });
    expect(await slow.job()).toMatchObject({ state: 'running', guaranteed_mib: 200 });
    expect(await memory(slow)).toEqual({ memory: 640, guaranteed: 256 });
  });

  it('continue after libvirtd is restarted', async () => {
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

  it('do not unplug another device that got the alias of a removed one meanwhile', async () => {
    await slow.plug(256);
    await slow.devicesBecome('guest-online');
    await slow.call('VM.pause');
    await slow.unplug('dimm0', 150);
    expect(await vmemd.end('SIGKILL')).toBe('SIGKILL');
    await givesBack(slow);
    await libvirtd.attach(slow.id, "<target><size unit='MiB'>128</size><node>0</node></target>");
    await connect();
    for (const guest of guests) guest.reconnect(client);
    expect(await slow.job()).toMatchObject({
      state: 'done',
      changes: [{ alias: 'dimm0', size_mib: 256, state: 'removed' }],
    });
    expect(await slow.memoryDevices()).toMatchObject([
      { alias: 'dimm0', size_mib: 128, state: 'plugged' },
    ]);
    expect(await memory(slow)).toEqual({ memory: 640, guaranteed: 150 });
    // A guest releases devices in the order of the unplugs.
    await slow.plug(128);
    const [, alias = ''] = await slow.devices();
    await slow.unplug(alias);
    await slow.notified('memory', { event: 'device-removed', alias });
    expect(await slow.devices()).toEqual(['dimm0']);
  });
});
