import { expect, test } from '@jest/globals';
import { World } from '../../support/world.ts';

const events = (world: World) =>
  world.lines
    .map((line) => (line as { event?: string }).event)
    .filter((event) => event !== undefined);

test('a VM that hangs is logged once for each outage, and once when it answers again', async () => {
  const world = await World.open();
  const vmID = await world.boot(1);
  await world.boot(2);
  const recover = world.host.guest(vmID).hang();
  for (let i = 0; i < 3; i++) await world.sampled();
  const line = expect.objectContaining({ event: 'vm_hung', level: 40, vmId: vmID, name: 'vm1' });
  expect(world.lines).toContainEqual(line);
  expect(events(world).filter((event) => event === 'vm_hung')).toHaveLength(1);
  recover();
  await world.sampled();
  expect(events(world).slice(-2)).toEqual(['vm_hung', 'vm_answers']);
  world.host.guest(vmID).hang();
  await world.sampled();
  expect(events(world).slice(-3)).toEqual(['vm_hung', 'vm_answers', 'vm_hung']);
});

test('a hung VM that is destroyed is not said to answer again', async () => {
  const world = await World.open();
  const vmID = await world.boot(1);
  world.host.guest(vmID).hang();
  await world.sampled();
  await world.call('VM.destroy', { vmID });
  await world.sampled();
  expect(events(world)).not.toContain('vm_answers');
});
