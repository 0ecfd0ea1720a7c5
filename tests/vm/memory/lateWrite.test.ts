import { expect, test } from '@jest/globals';
import type { Hypervisor } from '../../../src/host/hypervisor.ts';
import { openGuest } from '../../support/memoryGuest.ts';
import { onHost } from '../../support/onHost.ts';

test('a write of a killed vmemd that takes effect after its newer ones takes nothing back', async () => {
  const { world, vmID, ask, plug, job, guaranteed } = await openGuest();
  let late: (() => Promise<void>) | undefined;
  world.faults.setMetadata = (...args: Parameters<Hypervisor['setMetadata']>) => {
    late ??= () => world.host.setMetadata(...args);
    return world.host.setMetadata(...args);
  };
  await world.during(5, plug(128));
  await world.during(5, plug(256));
  await ask('setGuaranteedMemory', { guaranteed: 700 });
  await ask('setMemoryStatsPeriod', { period: 3 });
  await ask('setBalloonTarget', { target: 900 * 1024 });
  await world.restart();
  await late?.();
  await world.seconds(5);
  expect(await guaranteed()).toBe(700);
  expect(await ask('getBalloonInfo')).toMatchObject({ balloon_target: String(900 * 1024) });
  expect(await job({ alias: 'dimm1' })).toMatchObject({ action: 'plug' });
  expect(await onHost(world, vmID).now()).toMatchObject({ guaranteed: 700, chosenPeriod: 3 });
});
