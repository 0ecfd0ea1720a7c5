import { describe, expect, test } from '@jest/globals';
import { onHost } from '../../support/onHost.ts';
import type { KillPoint } from '../../support/lifetime.ts';
import { openGuest } from '../../support/memoryGuest.ts';
import { idOf } from '../../support/world.ts';

const MIB = 1024;

/** Kills vmemd at that call of a request, if it makes that many, starts it again and lets it recover for so many seconds. */
async function killed(point: KillPoint, verb: string, params: object, recovery = 60) {
  const guest = await openGuest();
  const { world, vmID, ask } = guest;
  await ask('setBalloonTarget', { target: 900 * MIB });
  await world.seconds(20);
  world.killAt(point);
  ask(verb, params).catch(() => undefined);
  await world.seconds(1);
  const wasKilled = world.isDead;
  await world.restart();
  await world.seconds(recovery);
  return { ...guest, host: onHost(world, vmID), wasKilled };
}

const told = async ({ world, vmID }: Awaited<ReturnType<typeof killed>>) =>
  Number((await world.balloon(vmID))['balloon_target']);

describe('killed between sending a balloon target and writing it', () => {
  test.each(['sent', 'done'] as const)(
    'after the call was %s, vmemd reports the requested target',
    async (when) => {
      const point = { call: 1, operation: 'setBalloon', when } as const;
      const after = await killed(point, 'setBalloonTarget', { target: 700 * MIB });
      expect(after.wasKilled).toBe(true);
      expect(after.host.balloonTarget()).toBe(700 * MIB);
      expect(await told(after)).toBe(700 * MIB);
    },
  );

  test('a guarantee above the target raises the target and the balloon', async () => {
    const point = { call: 1, operation: 'setBalloon', when: 'done' } as const;
    const after = await killed(point, 'setGuaranteedMemory', { guaranteed: 1000 });
    expect(after.host.balloonTarget()).toBe(1000 * MIB);
    expect(await told(after)).toBe(1000 * MIB);
    expect(await after.guaranteed()).toBe(1000);
  });
});

describe('killed between the two writes of a save', () => {
  test.each([
    ['a guarantee', 'setGuaranteedMemory', { guaranteed: 700 }],
    [
      'a guarantee that comes with a device',
      'hotplugMemory',
      { params: { vmId: idOf(1), memory: { size: 128, node: 0 }, memGuaranteedSize: 700 } },
    ],
  ])('%s is in force in this run and in the next, or in neither', async (_, verb, params) => {
    const results: unknown[] = [];
    let isReached = true;
    for (let call = 1; isReached; call += 1) {
      const point = { call, operation: 'setMetadata', when: 'done' } as const;
      const { host, guaranteed, wasKilled } = await killed(point, verb, params);
      results.push({ call, now: await guaranteed(), next: (await host.nextRun()).guaranteed });
      isReached = wasKilled;
    }
    expect(results.length).toBeGreaterThan(1);
    expect(results).toEqual(
      results.map((one) => ({ ...(one as object), next: (one as { now: number }).now })),
    );
  });

  test('a guarantee that was written as an intent is in force as soon as vmemd runs again', async () => {
    const point = { call: 1, operation: 'setMetadata', when: 'done' } as const;
    const params = { guaranteed: 700 };
    const { host, guaranteed } = await killed(point, 'setGuaranteedMemory', params, 1);
    expect(await guaranteed()).toBe(700);
    expect((await host.nextRun()).guaranteed).toBe(700);
  });

  test('a statistics period is in force in this run and in the next, or in neither', async () => {
    const point = { call: 1, operation: 'setMetadata', when: 'done' } as const;
    const { host, world, vmID } = await killed(point, 'setMemoryStatsPeriod', { period: 3 });
    const [now, next] = [await host.now(), await host.nextRun()];
    expect(now.chosenPeriod).toBe(next.chosenPeriod);
    expect((await world.balloon(vmID))['stats_period_s']).toBe(now.statsPeriod);
    expect(now.statsPeriod).toBe(now.chosenPeriod ?? 10);
  });
});
