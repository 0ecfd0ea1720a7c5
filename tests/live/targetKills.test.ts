import { beforeAll, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { needs } from '../support/needs.ts';
import { atEnd } from './cleanup.ts';
import { eventually, type Guest } from './guest.ts';
import { OwnGuest } from './ownGuest.ts';

/** Milliseconds after a target is requested at which vmemd is killed; a request takes about 5 to 20. */
const MOMENTS = [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20];

needs('libvirtd', 'VMEMD_TEST_GUEST')('a balloon target that a kill of vmemd interrupts', () => {
  let own: OwnGuest;
  let guest: Guest;
  const later = atEnd();

  beforeAll(async () => {
    own = await OwnGuest.boot(later);
    ({ guest } = own);
  });

  it.each(MOMENTS)('after %i ms is the one that the guest was given', async (moment) => {
    const target = (400 + 4 * MOMENTS.indexOf(moment)) * 1024;
    const requested = guest.setTarget(target).catch(() => undefined);
    await sleep(moment);
    expect(await own.end('SIGKILL')).toBe('SIGKILL');
    await requested;
    await own.start();
    await eventually(
      async () => {
        const { balloon_target } = await guest.balloon();
        const xml = await own.libvirtd.virsh('dumpxml', guest.id);
        return [balloon_target, /<currentMemory[^>]*>(\d+)</.exec(xml)?.[1]];
      },
      ([reported, given]) => reported === given,
    );
  });
});
