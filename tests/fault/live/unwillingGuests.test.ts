import { beforeAll, expect, it } from '@jest/globals';
import { atEnd } from '../../live/cleanup.ts';
import { eventually, type Guest } from '../../live/guest.ts';
import { needs } from '../../support/needs.ts';
import { figure, isLong } from '../form.ts';
import { percentile, timed } from './latency.ts';
import { BARE, LiveHost } from './liveHost.ts';

const MIB = 1024;
const REBOOTS = isLong ? 5 : 1;
/** How far the guest's own total, in MiB, may be from what it was plus a device: its kernel keeps some of that. */
const TOLERANCE = 16;

needs('libvirtd', 'VMEMD_TEST_GUEST')('guests that do not play along', () => {
  let host: LiveHost;
  let guest: Guest;
  let driverless: Guest;
  let other: Guest;
  const times: number[] = [];
  const later = atEnd();

  /** Another VM is changed at once, whatever this one does. */
  const othersAreServed = async (): Promise<void> => {
    for (const target of [150, 160, 170]) {
      times.push(await timed(() => other.setTarget(target * MIB)));
    }
  };

  const virsh = (...args: string[]) => host.libvirtd.virsh(...args);
  const boots = async (): Promise<number> =>
    (await guest.console()).match(/guest: ready/g)?.length ?? 0;
  const given = async (): Promise<number> =>
    Number(/<currentMemory[^>]*>(\d+)</.exec(await virsh('dumpxml', guest.id))?.[1]);

  /** Waits until the device is gone; a guest that was asked before its kernel ran is asked again, once vmemd says so. */
  const released = async (alias: string): Promise<void> => {
    const { state, changes } = await eventually(
      () => guest.job(),
      (job) => job.state !== 'running',
    );
    if (state !== 'done') {
      expect(changes).toMatchObject([{ state: 'timed-out' }]);
      await guest.reportsAfter(Date.now());
      // It may release the device at this moment.
      await guest.unplug(alias).catch(() => undefined);
    }
    await eventually(
      () => guest.devices(),
      (aliases) => aliases.length === 0,
    );
    await guest.jobBecomes('done');
  };

  beforeAll(async () => {
    // On an interrupt that virsh can send its kernel panics, and stays so until it is reset.
    const panics = 'console=ttyS0 quiet movable_node unknown_nmi_panic';
    host = await LiveHost.open(later);
    [guest, driverless, other] = await Promise.all([
      host.guest({ kernelArgs: panics }),
      host.guest({}, 'driverless'),
      host.guest(BARE),
    ]);
    await guest.booted();
  });

  it('one that reboots while it is given memory has what vmemd says', async () => {
    const first = await eventually(() => guest.consoleMemTotal(), Number.isFinite);
    for (let reboot = 0; reboot < REBOOTS; reboot += 1) {
      const booted = await boots();
      await guest.plug(128);
      await virsh('reset', guest.id);
      await othersAreServed();
      await eventually(boots, (count) => count > booted);
      await eventually(
        () => guest.job(),
        ({ state }) => state !== 'running',
      );
      await eventually(
        async () => (await guest.consoleMemTotal()) - first,
        (more) => Math.abs(more / MIB - 128) < TOLERANCE,
      );
      await guest.reportsAfter(Date.now());
      expect((await guest.memoryDevices()).map(({ state }) => state)).not.toContain('not-online');
      const again = await boots();
      const [alias = ''] = await guest.devices();
      await guest.unplug(alias);
      await virsh('reset', guest.id);
      await eventually(boots, (count) => count > again);
      await released(alias);
      expect(await guest.balloon()).toMatchObject({ balloon_max: String(512 * MIB) });
    }
  });

  it('one that is paused follows its target once it goes on', async () => {
    await guest.call('VM.pause');
    expect(await guest.setTarget(400 * MIB)).toMatchObject({ applied: true });
    await othersAreServed();
    expect(await guest.balloon()).toMatchObject({ balloon_cur: String(512 * MIB) });
    await guest.call('VM.cont');
    await guest.balloonReaches(400 * MIB);
    await eventually(given, (kib) => kib === 400 * MIB);
  });

  it('one without a driver does not report, and is not said to have followed', async () => {
    await eventually(
      () => driverless.console(),
      (text) => text.includes('guest: ready'),
    );
    await driverless.setTarget(400 * MIB).catch(() => undefined);
    await othersAreServed();
    expect(await driverless.balloon()).toMatchObject({ balloon_cur: String(512 * MIB) });
    expect((await driverless.balloon()).moving).not.toBe('at-target');
    expect((await driverless.stats()).memoryStats?.mem_total).toBeUndefined();
    await driverless.plug(128);
    await eventually(
      () => driverless.job(),
      ({ state }) => state !== 'running',
    );
    expect(await driverless.memoryDevices()).toMatchObject([{ state: 'plugged', size_mib: 128 }]);
  });

  it('one that panics no longer reports, and works again after a reset', async () => {
    await guest.reportsAfter(Date.now());
    const booted = await boots();
    await virsh('inject-nmi', guest.id);
    await eventually(
      () => guest.console(),
      (text) => text.includes('Kernel panic'),
    );
    await guest.statisticsAre('stale');
    expect(await guest.setTarget(350 * MIB)).toMatchObject({ target: 350 * MIB });
    await othersAreServed();
    expect(await guest.balloon()).toMatchObject({ balloon_cur: String(400 * MIB) });
    await guest.call('VM.reset');
    await eventually(boots, (count) => count > booted);
    await guest.balloonReaches(350 * MIB);
    await eventually(given, (kib) => kib === 350 * MIB);
    await guest.statisticsAre('fresh');
    figure(
      `guests that reboot, are paused, have no driver or panic: others' requests meanwhile p50 ${percentile(times, 0.5)} ms, ` +
        `at most ${percentile(times, 1)} ms; ${String(times.length)} samples`,
    );
  });
});
