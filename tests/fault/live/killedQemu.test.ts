import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from '@jest/globals';
import { errors } from '../../../src/common/errors.ts';
import { atEnd } from '../../live/cleanup.ts';
import type { Guest } from '../../live/guest.ts';
import { needs } from '../../support/needs.ts';
import { figure, isLong, random } from '../form.ts';
import { BARE, LiveHost } from './liveHost.ts';

const MIB = 1024;
const KILLS = isLong ? 24 : 3;
/** Longer than each of the requests takes. */
const LONGEST_MS = 150;

/** The codes of a call on a VM that goes down meanwhile: the verb's own, or that of a VM that is down. */
const FAILURES = (
  ['VMIsDown', 'BalloonError', 'HotplugMemFailed', 'UnexpectedError', 'GeneralException'] as const
).map((name): number => errors[name][0]);

/** What is under way when QEMU is killed. */
const REQUESTS: readonly ((guest: Guest) => Promise<unknown>)[] = [
  (guest) => guest.setMemory(512, { guaranteed: 200 }),
  (guest) => guest.setTarget(200 * MIB),
  (guest) => guest.plug(128),
  (guest) => guest.call('VM.setGuaranteedMemory', { guaranteed: 250 }),
  (guest) => guest.call('VM.pause'),
  (guest) => guest.call('VM.setMemoryStatsPeriod', { period: 3 }),
];

needs('libvirtd', 'VMEMD_TEST_GUEST')('a QEMU that is killed', () => {
  let host: LiveHost;
  let bystander: Guest;
  const later = atEnd();
  const next = random(1);

  beforeAll(async () => {
    host = await LiveHost.open(later);
    bystander = await host.guest(BARE);
  });

  it('takes its VM down and ends its request, while others are served', async () => {
    let target = 200;
    let failed = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const request = REQUESTS[kill % REQUESTS.length];
      const guest = await host.guest(BARE);
      const name = await host.libvirtd.virsh('domname', guest.id);
      const answer = request?.(guest).then(
        () => 'accepted',
        (error: unknown) => (error as { code?: number }).code,
      );
      await sleep(next() * LONGEST_MS);
      await host.libvirtd.signalQemu(name, 'SIGKILL');
      const asked = bystander.setTarget((target = target === 200 ? 220 : 200) * MIB);
      expect(['accepted', ...FAILURES]).toContain(await answer);
      if ((await answer) !== 'accepted') failed += 1;
      expect(await asked).toMatchObject({ target: target * MIB });
      expect(await guest.becomes('Down')).toMatchObject({
        exitCode: 1,
        exitMessage: 'Lost connection with the QEMU process',
      });
      expect(await host.libvirtd.virsh('domstate', guest.id)).toBe('shut off');
      await expect(guest.setTarget(200 * MIB)).rejects.toMatchObject({
        code: errors.BalloonError[0],
      });
      await guest.call('VM.destroy');
      expect(await host.libvirtd.virsh('list', '--all', '--uuid')).not.toContain(guest.id);
      expect(await host.libvirtd.virsh('domstate', bystander.id)).toBe('running');
    }
    figure(`QEMU killed: ${String(KILLS)} times, ${String(failed)} of them within the request`);
  });
});
