import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { World } from '../support/world.ts';

refusesBadIds('VM.reset');

test('the guest boots again, and its status shows that for a minute', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(world.call('VM.reset', { vmID })).resolves.toBe(true);
  await expect(world.status(vmID)).resolves.toBe('RebootInProgress');
  await world.seconds(59);
  await expect(world.status(vmID)).resolves.toBe('RebootInProgress');
  await world.seconds(1);
  await expect(world.status(vmID)).resolves.toBe('Up');
});

test.each<[string, (world: World, vmID: string) => unknown]>([
  ['another program', (world, vmID) => world.host.resetDomain(vmID)],
  [
    'the guest',
    (world, vmID) => {
      world.host.guest(vmID).rebootFromInside();
    },
  ],
])('by %s shows in the status too', async (_, reset) => {
  const world = await World.open();
  const vmID = await world.boot();
  await reset(world, vmID);
  await world.seconds(1);
  await expect(world.status(vmID)).resolves.toBe('RebootInProgress');
});

test('memory, guarantee and target are kept', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.plug(vmID, 256, { memGuaranteedSize: 700 });
  await world.call('VM.setBalloonTarget', { vmID, target: 819_200 });
  await world.sampled();
  const before = await world.balloon(vmID);
  await world.call('VM.reset', { vmID });
  await world.sampled();
  expect(await world.balloon(vmID)).toEqual({
    ...before,
    freshness: { state: 'fresh', age_s: expect.any(Number) },
    last_update: expect.any(String),
  });
});

test('rates across it are omitted', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.call('VM.reset', { vmID });
  await world.seconds(15);
  await world.vms.sample();
  expect(await world.stats(vmID)).not.toHaveProperty('memoryStats');
});

test('a paused VM stays paused', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.call('VM.pause', { vmID });
  await expect(world.call('VM.reset', { vmID })).resolves.toBe(true);
  await expect(world.status(vmID)).resolves.toBe('Paused');
});

test('a VM that has ended is refused as unknown, as in VDSM', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.host.guest(vmID).crash();
  await world.seconds(1);
  await expect(world.call('VM.reset', { vmID })).rejects.toMatchObject({ code: 1 });
});

test("the hypervisor's error reaches the client", async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.resetDomain = () => Promise.reject(new HypervisorError('failed', 'cannot'));
  await expect(world.call('VM.reset', { vmID })).rejects.toMatchObject({
    code: 90,
    message: 'Failed to reset VM: cannot',
  });
  await expect(world.status(vmID)).resolves.toBe('Up');
});
