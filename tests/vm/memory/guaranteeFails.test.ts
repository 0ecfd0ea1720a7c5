import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { openGuest } from '../../support/memoryGuest.ts';
import { onHost } from '../../support/onHost.ts';

const MIB = 1024;
const fail = (): Promise<never> => Promise.reject(new HypervisorError('failed', 'it is stuck'));

/** A VM that got a device with a guarantee above its target, while its balloon fails. */
async function stuck() {
  const guest = await openGuest();
  const { world, ask, plug } = guest;
  await ask('setBalloonTarget', { target: 700 * MIB });
  await world.seconds(20);
  let raises = 0;
  world.faults.setBalloon = () => {
    raises += 1;
    return fail();
  };
  await plug(256, { memGuaranteedSize: 1100 });
  return { ...guest, raises: () => raises };
}

test('a guarantee whose balloon cannot be raised is given up after 20 attempts', async () => {
  const { world, vmID, guaranteed, raises } = await stuck();
  await world.sampledFor(1500);
  expect(raises()).toBe(20);
  await world.sampledFor(300);
  expect(raises()).toBe(20);
  expect(await guaranteed()).toBe(512);
  expect(await world.balloon(vmID)).toMatchObject({
    balloon_target: String(onHost(world, vmID).balloonTarget()),
  });
});

test('a guarantee whose balloon cannot be raised blocks no other request', async () => {
  const { world, ask, set } = await stuck();
  await expect(ask('setMemoryStatsPeriod', { period: 7 })).resolves.toBeDefined();
  await expect(ask('setCpuTuneQuota', { quota: 20_000 })).resolves.toBeDefined();
  await expect(set({ memory: 1536 })).resolves.toBeDefined();
  await world.sampledFor(300);
  await expect(ask('setMemoryStatsPeriod', { period: 9 })).resolves.toBeDefined();
});

test('a guarantee whose next-run write fails for a while is kept, however many devices are plugged meanwhile', async () => {
  const { world, vmID, ask, plug, guaranteed } = await openGuest();
  world.faults.setMetadata = (id, element, options) =>
    element.where === 'next-run' ? fail() : world.host.setMetadata(id, element, options);
  await ask('setGuaranteedMemory', { guaranteed: 700 });
  for (let n = 0; n < 12; n += 1) {
    await plug(128);
    await world.seconds(1);
  }
  await world.sampledFor(70);
  delete world.faults.setMetadata;
  await world.sampledFor(200);
  expect(await guaranteed()).toBe(700);
  expect((await onHost(world, vmID).nextRun()).guaranteed).toBe(700);
});
