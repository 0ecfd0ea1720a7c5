import { beforeAll, expect, it } from '@jest/globals';
import { needs } from '../support/needs.ts';
import { atEnd } from './cleanup.ts';
import { eventually, type Guest } from './guest.ts';
import { OwnGuest } from './ownGuest.ts';

needs('libvirtd', 'VMEMD_TEST_GUEST')('restarts of vmemd and of libvirtd', () => {
  let own: OwnGuest;
  let guest: Guest;

  /** What a restart must not change. */
  const remembered = async () => {
    const { status, vmName, balloonInfo } = await guest.stats();
    return { status, vmName, balloonInfo, devices: await guest.devices() };
  };

  const sampled = () => eventually(remembered, ({ balloonInfo }) => balloonInfo !== undefined);

  const later = atEnd();

  beforeAll(async () => {
    own = await OwnGuest.boot(later);
    ({ guest } = own);
    await guest.plug(128, 300);
    await guest.setTarget(400 * 1024);
    await guest.balloonReaches(409_600);
  });

  it.each([
    ['SIGTERM', 0],
    ['SIGKILL', 'SIGKILL'],
  ] as const)(
    'leave the guarantee, target, devices and status as they were after %s',
    async (signal, exit) => {
      const before = await sampled();
      expect(before).toMatchObject({
        status: 'Up',
        balloonInfo: { balloon_min: '307200', balloon_target: '409600', balloon_max: '655360' },
      });
      expect(await own.end(signal)).toBe(exit);
      expect(await own.libvirtd.virsh('domstate', guest.id)).toBe('running');
      await own.start();
      expect(await sampled()).toEqual(before);
    },
  );

  it('recover when libvirtd is back: guests, figures and events', async () => {
    const before = await sampled();
    await own.libvirtd.restart();
    await eventually(
      () => guest.setTarget(350 * 1024).catch((error: unknown) => error),
      (answer) => !(answer instanceof Error),
    );
    await guest.balloonReaches(358_400);
    const [device = ''] = before.devices;
    expect(await guest.unplug(device)).toBe(true);
    await guest.notified('memory', { event: 'device-removed', alias: device });
    expect(await guest.devices()).toEqual([]);
  });

  it('find what happened meanwhile', async () => {
    await own.end();
    await own.libvirtd.virsh('suspend', guest.id);
    await own.start();
    expect(await guest.stats()).toMatchObject({ status: 'Paused' });
    await own.libvirtd.virsh('resume', guest.id);
    await guest.notified('status', { status: 'Up' });
  });
});
