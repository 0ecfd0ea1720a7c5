import { expect, test } from '@jest/globals';
import { openGuest } from '../support/memoryGuest.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { idOf, parameters, World } from '../support/world.ts';

refusesBadIds('VM.setGuaranteedMemory', { guaranteed: 512 });

test("sets the given guarantee, with VDSM's result", async () => {
  const { ask, guaranteed } = await openGuest();
  expect(await ask('setGuaranteedMemory', { guaranteed: 700 })).toEqual({
    code: 0,
    message: 'Done',
    guaranteed_mib: 700,
  });
  expect(await guaranteed()).toBe(700);
});

test('the guarantee may be all of the memory, or 0', async () => {
  const { ask } = await openGuest();
  for (const guaranteed of [1024, 0]) {
    expect(await ask('setGuaranteedMemory', { guaranteed })).toMatchObject({
      guaranteed_mib: guaranteed,
    });
  }
});

test('accepts decimal text, as vdsm-client sends it', async () => {
  const { ask } = await openGuest();
  expect(await ask('setGuaranteedMemory', { guaranteed: '700' })).toMatchObject({
    guaranteed_mib: 700,
  });
});

test('a guarantee above the memory is refused, and changes nothing', async () => {
  const { world, ask, guaranteed } = await openGuest();
  world.calls.length = 0;
  await expect(ask('setGuaranteedMemory', { guaranteed: 1026 })).rejects.toMatchObject({
    code: 91,
    message: 'Invalid parameter: 1026 MiB cannot be guaranteed to a VM of 1024 MiB',
  });
  expect(world.calls.filter((call) => call !== 'domainXml')).toEqual([]);
  expect(await guaranteed()).toBe(512);
});

test.each([{}, { guaranteed: -1 }, { guaranteed: 1.5 }, { guaranteed: null }, { guaranteed: 'x' }])(
  '%j is refused',
  async (params) => {
    const { ask } = await openGuest();
    await expect(ask('setGuaranteedMemory', params)).rejects.toMatchObject({ code: -32602 });
  },
);

test('a VM that is still starting is refused', async () => {
  const world = await World.open();
  const vmID = idOf(1);
  await world.call('VM.create', { vmID, vmParams: parameters() });
  await expect(
    world.call('VM.setGuaranteedMemory', { vmID, guaranteed: 512 }),
  ).rejects.toMatchObject({ code: 6 });
});

test('a guarantee a little above the memory is one of all memory, with the reason', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(
    world.call('VM.setGuaranteedMemory', { vmID, guaranteed: 1025 }),
  ).resolves.toMatchObject({ guaranteed_mib: 1024, reason: 'the VM has 1024 MiB' });
});
