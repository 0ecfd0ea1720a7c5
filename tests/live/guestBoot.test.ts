import { beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { needs } from '../support/needs.ts';
import { atEnd } from './cleanup.ts';
import { eventually, type Guest } from './guest.ts';
import { OwnGuest } from './ownGuest.ts';

needs('libvirtd', 'VMEMD_TEST_GUEST')('what is known from a boot of the guest', () => {
  let own: OwnGuest;
  let guest: Guest;
  const later = atEnd();

  const virsh = (...args: string[]) => own.libvirtd.virsh(...args);

  beforeAll(async () => {
    own = await OwnGuest.boot(later);
    ({ guest } = own);
  });

  /** The seconds since 1970 of QEMU's clock at which the guest last reported, by virsh. */
  const qemusLastUpdate = async (): Promise<number> =>
    Number(/last_update (\d+)/.exec(await virsh('dommemstat', guest.id))?.[1] ?? 0);

  /** Whether QEMU has the time of the last report also after a reset, as 7.2 does and 10.0 does not. */
  const keepsLastUpdate = async (): Promise<boolean> =>
    Number(/hypervisor: QEMU (\d+)/.exec(await virsh('version'))?.[1]) < 10;

  /** Waits for the figures of the present boot; a VM stays RebootInProgress for a minute. */
  const reported = () =>
    eventually(
      () => guest.stats(),
      ({ memoryStats }) => memoryStats?.mem_total !== undefined,
    );

  /** Asks until the guest reports again; what is told until then has to be that nothing is known. */
  async function expectForgotten(since: number): Promise<void> {
    let wasUnknown = false;
    await eventually(
      async () => [await guest.usage(), await guest.balloon(), await guest.stats()] as const,
      ([usage, { last_update }, stats]) => {
        const { state } = usage.freshness;
        if (stats.status === 'Down') return false;
        if (state === 'fresh') {
          expect(Date.parse(last_update ?? '')).toBeGreaterThan(since);
          return wasUnknown;
        }
        wasUnknown = true;
        expect(state).toMatch(/^(never|unknown)$/);
        expect(usage).not.toHaveProperty('used_kib');
        expect(usage).not.toHaveProperty('available_kib');
        expect(stats).not.toHaveProperty('memoryStats');
        return false;
      },
    );
    await reported();
  }

  describe.each<[string, () => Promise<unknown>]>([
    ['VM.reset', () => guest.call('VM.reset')],
    ['virsh reset', () => virsh('reset', guest.id)],
    [
      "a reset by QEMU's own monitor, as by the guest itself",
      () => virsh('qemu-monitor-command', guest.id, '--hmp', 'system_reset'),
    ],
    [
      'virsh destroy and virsh start',
      async () => {
        await virsh('destroy', guest.id);
        await virsh('start', guest.id);
      },
    ],
    [
      'virsh managedsave and virsh start',
      async () => {
        await virsh('managedsave', guest.id);
        await virsh('start', guest.id);
      },
    ],
  ])('ends with it: %s', (name, end) => {
    it('until the guest reports, nothing is known', async () => {
      const since = Date.now();
      await end();
      await expectForgotten(since);
    });

    it('also to a vmemd that is started before the guest reports', async () => {
      const since = Date.now();
      await end();
      // The record is written once the guest has settled.
      await sleep(1000);
      expect(await own.end('SIGKILL')).toBe('SIGKILL');
      if (name.includes('reset') && (await keepsLastUpdate())) {
        expect(await qemusLastUpdate()).toBeGreaterThan(0);
      }
      await own.start();
      await eventually(
        () => guest.balloon(),
        ({ freshness, last_update }) => {
          if (freshness.state !== 'fresh') return false;
          expect(Date.parse(last_update ?? '')).toBeGreaterThan(since);
          return true;
        },
      );
      await reported();
    });
  });

  it('does not include the time of its start, which a reset leaves as it is', async () => {
    const before = Number((await guest.stats()).elapsedTime);
    await guest.call('VM.reset');
    await reported();
    expect(await own.end('SIGKILL')).toBe('SIGKILL');
    await own.start();
    await reported();
    expect(Number((await guest.stats()).elapsedTime)).toBeGreaterThan(before);
  });

  it('is followed by figures of its CPU, which a guest that boots uses', async () => {
    await guest.call('VM.reset');
    const { cpuUser, cpuSys } = await eventually(
      () => guest.stats(),
      ({ cpuUser: user, cpuSys: sys }) => Number(user) + Number(sys) > 10,
    );
    expect(Number(cpuUser) + Number(cpuSys)).toBeLessThan(1000);
  });
});
