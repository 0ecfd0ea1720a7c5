import { beforeAll, expect, it } from '@jest/globals';
import { WsClient } from '../support/wsClient.ts';
import { atEnd } from './cleanup.ts';
import { eventually, Guest } from './guest.ts';
import { hosts } from './hosts.ts';
import { Vmemd } from './vmemd.ts';

for (const { name, suite, uri, real } of hosts) {
  suite(`a guest's memory on ${name}`, () => {
    let vmemd: Vmemd;
    let client: WsClient;
    let stranger: WsClient;
    let guest: Guest;
    let unballooned: number;

    const later = atEnd();

    // One guest is used by all tests of this suite in order, since booting takes the most time.
    beforeAll(async () => {
      vmemd = await Vmemd.start(uri);
      later(async () => expect(await vmemd.end()).toBe(0));
      client = await WsClient.connect(vmemd.url);
      later(() => client.close());
      stranger = await WsClient.connect(vmemd.url);
      later(() => stranger.close());
      await client.call('Events.subscribe', { events: ['|virt|*|*'] });
      guest = await Guest.create(client);
      later(() => guest.dispose());
    });

    it('starts with the memory and guarantee of its creation', async () => {
      await guest.booted();
      expect(await guest.balloon()).toMatchObject({
        balloon_min: '262144',
        balloon_max: '524288',
        balloon_target: '524288',
        balloon_cur: '524288',
        ballooning_enabled: true,
        model: 'virtio',
      });
      expect(await guest.xml()).toMatch(/<maxMemory slots=.16. unit=.KiB.>4194304</);
    });

    it('reports statistics in the form of VDSM', async () => {
      const { memoryStats, balloonInfo } = await guest.stats();
      unballooned = await guest.memTotal();
      expect(unballooned).toBeGreaterThan(300_000);
      expect(unballooned).toBeLessThanOrEqual(524_288);
      expect(Number(memoryStats?.mem_unused)).toBeLessThan(unballooned);
      expect(balloonInfo).toEqual({
        balloon_min: '262144',
        balloon_max: '524288',
        balloon_target: '524288',
        balloon_cur: '524288',
        ballooning_enabled: true,
      });
    });

    it('shrinks to its balloon target, as its driver and its balloon report', async () => {
      const unused = await guest.memUnused();
      const answer = await guest.setTarget(400 * 1024);
      expect(answer).toEqual({ code: 0, message: 'Done', applied: true, target: 409_600 });
      await guest.balloonReaches(409_600);
      // A balloon with autodeflate does not change the guest's total.
      await eventually(
        () => guest.memUnused(),
        (kib) => kib < unused - 100 * 1024,
      );
      expect(await guest.balloon()).toMatchObject({ balloon_target: '409600' });
    });

    it('stops at its guarantee', async () => {
      const answer = await guest.setTarget(100 * 1024);
      expect(answer).toMatchObject({ code: 0, message: 'Done', applied: true, target: 262_144 });
      expect(answer.reason).toContain('262144');
      await guest.balloonReaches(262_144);
    });

    it('gets its memory back from the balloon', async () => {
      await guest.setTarget(512 * 1024);
      await guest.balloonReaches(524_288);
      await guest.memTotalReaches(unballooned);
    });

    it('grows by a plugged device', async () => {
      for (const alias of ['dimm0', 'dimm1', 'dimm2']) {
        expect(await guest.plug(128)).toEqual({ alias });
      }
      expect(await guest.devices()).toHaveLength(3);
      await guest.memTotalReaches(unballooned + 384 * 1024);
      expect(await guest.balloon()).toMatchObject({
        balloon_max: '917504',
        balloon_target: '917504',
      });
      if (real) {
        const total = () => guest.consoleMemTotal();
        await eventually(total, (kib) => kib === unballooned + 384 * 1024);
      }
    });

    it('reports the removal of an unplugged device', async () => {
      const [first = '', ...others] = await guest.devices();
      expect(await guest.unplug(first)).toBe(true);
      const { params } = await guest.notified('memory', { event: 'device-removed', alias: first });
      expect(params['notify_time']).toBeGreaterThan(0);
      expect(await guest.devices()).toEqual(others);
      await guest.memTotalReaches(unballooned + 256 * 1024);
      expect(await guest.balloon()).toMatchObject({ balloon_max: '786432' });
    });

    it('refuses to unplug an unknown device, and lists the known ones', async () => {
      const devices = await guest.devices();
      await expect(guest.unplug('ua-none')).rejects.toMatchObject({
        code: 85,
        message: expect.stringContaining(devices[0] ?? ''),
      });
      expect(await guest.devices()).toEqual(devices);
    });

    it('pauses and resumes', async () => {
      expect(await guest.call('VM.pause')).toEqual({ vmList: {} });
      await guest.notified('status', { status: 'Paused' });
      expect(await guest.stats()).toMatchObject({ status: 'Paused' });
      expect(await guest.call('VM.cont')).toEqual({ vmList: {} });
      await guest.becomes('Up');
    });

    it('reboots when reset, with the same memory', async () => {
      const resetAt = Date.now();
      expect(await guest.call('VM.reset')).toBe(true);
      await guest.notified('status', { status: 'RebootInProgress' });
      if (real) {
        await eventually(
          () => guest.console(),
          (text) => text.split('guest: ready').length === 3,
        );
      }
      await guest.reportsAfter(resetAt);
      await guest.memTotalReaches(unballooned + 256 * 1024);
    });

    it('sends events to subscribers only', () => {
      expect(client.notifications.length).toBeGreaterThan(0);
      expect(stranger.notifications).toEqual([]);
    });

    it('goes down when its power button is pressed', async () => {
      expect(await guest.call('VM.shutdown', { delay: '0', message: 'bye' })).toBe(true);
      await guest.notified('status', { status: 'Down' });
      expect(await guest.stats()).toMatchObject({ status: 'Down', exitCode: 0, exitReason: 6 });
    });

    it('is unknown once destroyed', async () => {
      expect(await guest.call('VM.destroy')).toBe(true);
      await expect(guest.stats()).rejects.toMatchObject({ code: 1 });
      const vms = (await stranger.call('Host.getVMList')) as { readonly vmId: string }[];
      expect(vms.map(({ vmId }) => vmId)).not.toContain(guest.id);
    });
  });
}
