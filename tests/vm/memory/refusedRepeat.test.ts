import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import type { KillPoint } from '../../support/lifetime.ts';
import { openGuest } from '../../support/memoryGuest.ts';
import { onHost } from '../../support/onHost.ts';

const MIB = 1024;
const NOT_NOW = new HypervisorError('failed', 'not now');

type Call = 'setStatsPeriod' | 'setBalloon';

/** Kills vmemd at a call of a request; the host refuses the same call so many times when the next vmemd repeats it. */
async function repeated(
  operation: Call,
  when: KillPoint['when'],
  request: readonly [verb: string, params: object],
  refusals = 1,
) {
  const { world, vmID, ask } = await openGuest();
  world.killAt({ call: 1, operation, when });
  ask(...request).catch(() => undefined);
  await world.seconds(1);
  expect(world.isDead).toBe(true);
  let left = refusals;
  const refuse = (): boolean => {
    left -= 1;
    return left >= 0;
  };
  world.faults.setStatsPeriod = (...args) =>
    refuse() ? Promise.reject(NOT_NOW) : world.host.setStatsPeriod(...args);
  world.faults.setBalloon = (...args) =>
    refuse() ? Promise.reject(NOT_NOW) : world.host.setBalloon(...args);
  await world.restart();
  await world.sampledFor(120);
  expect(left).toBeLessThan(1);
  return { world, vmID, ask, host: onHost(world, vmID) };
}

test.each(['before', 'sent', 'done'] as const)(
  'a period whose call was %s when vmemd was killed is in force in both runs, though the host refuses to repeat it at first',
  async (when) => {
    const { host } = await repeated(
      'setStatsPeriod',
      when,
      ['setMemoryStatsPeriod', { period: 3 }],
      2,
    );
    expect(await host.now()).toMatchObject({ statsPeriod: 3, chosenPeriod: 3 });
    expect(await host.nextRun()).toMatchObject({ chosenPeriod: 3 });
  },
);

test.each(['sent', 'done'] as const)(
  'a target whose call was %s when vmemd was killed is in force, though the host refuses to repeat it at first',
  async (when) => {
    const request = ['setBalloonTarget', { target: 700 * MIB }] as const;
    const { host, world, vmID } = await repeated('setBalloon', when, request);
    expect(host.balloonTarget()).toBe(700 * MIB);
    expect(await world.balloon(vmID)).toMatchObject({ balloon_target: String(700 * MIB) });
  },
);
