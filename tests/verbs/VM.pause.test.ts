import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { World } from '../support/world.ts';

refusesBadIds('VM.pause');

test('a running VM is paused when the call returns, with one event', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(world.call('VM.pause', { vmID })).resolves.toEqual({ vmList: {} });
  await expect(world.stats(vmID)).resolves.toMatchObject({ status: 'Paused', pauseCode: 'NOERR' });
  await world.seconds(1);
  const events = world.news('status', vmID).filter(({ status }) => status === 'Paused');
  expect(events).toHaveLength(1);
});

test('a paused VM stays paused', async () => {
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

test('a VM that ends during the call stays Down', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.suspendDomain = async () => {
    world.host.guest(vmID).crash();
    await world.seconds(1);
  };
  await world.call('VM.pause', { vmID });
  await expect(world.status(vmID)).resolves.toBe('Down');
});

test("the hypervisor's error reaches the client", async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.suspendDomain = () => Promise.reject(new HypervisorError('failed', 'cannot'));
  await expect(world.call('VM.pause', { vmID })).rejects.toMatchObject({
    code: 16,
    message: 'Unexpected exception: cannot',
  });
  await expect(world.status(vmID)).resolves.toBe('Up');
});
