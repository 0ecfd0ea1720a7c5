import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { World } from '../support/world.ts';

refusesBadIds('VM.pause');

test('a VM that runs is paused when the answer comes, and listeners hear of it once', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(world.call('VM.pause', { vmID })).resolves.toEqual({ vmList: {} });
  await expect(world.stats(vmID)).resolves.toMatchObject({ status: 'Paused', pauseCode: 'NOERR' });
  await world.seconds(1);
  const told = world.news('status', vmID).filter(({ status }) => status === 'Paused');
  expect(told).toHaveLength(1);
});

test('a VM that is paused stays so', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.call('VM.pause', { vmID });
  await expect(world.call('VM.pause', { vmID })).resolves.toEqual({ vmList: {} });
});

test('a VM that has ended is refused', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.host.guest(vmID).crash();
  await world.seconds(1);
  await expect(world.call('VM.pause', { vmID })).rejects.toMatchObject({ code: 6 });
});

test('a VM that ends while it is asked stays Down', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.suspendDomain = async () => {
    world.host.guest(vmID).crash();
    await world.seconds(1);
  };
  await world.call('VM.pause', { vmID });
  await expect(world.status(vmID)).resolves.toBe('Down');
});

test('the words of the hypervisor reach the client', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.suspendDomain = () => Promise.reject(new HypervisorError('failed', 'cannot'));
  await expect(world.call('VM.pause', { vmID })).rejects.toMatchObject({
    code: 16,
    message: 'Unexpected exception: cannot',
  });
  await expect(world.status(vmID)).resolves.toBe('Up');
});
