import { expect, test } from '@jest/globals';
import { never } from '../../support/faults.ts';
import { idOf } from '../../support/world.ts';
import { GIB, LoopWorld } from './loopWorld.ts';

test('a VM that is being migrated is asked nothing until that has ended; others give in its place', async () => {
  const loop = await LoopWorld.open(3);
  loop.host.own = 10 * GIB;
  const { faults, host } = loop.world;
  let isMigrating = true;
  faults.isMoving = (uuid) => Promise.resolve(isMigrating && uuid === idOf(1));
  // As libvirt does with a change of a domain that is being migrated.
  faults.setBalloon = (uuid, ...more) =>
    isMigrating && uuid === idOf(1) ? never() : host.setBalloon(uuid, ...more);
  await loop.setPolicy({ mode: 'act' });
  await loop.run(60);
  expect(loop.asked(1)).toBe(0);
  expect(loop.rounds.at(-1)?.decisions[0]?.reason.rule).toBe('migrating');
  for (const size of loop.sizes.slice(1)) expect(size).toBeLessThan(3500);
  isMigrating = false;
  loop.host.own = 13 * GIB;
  await loop.run(60);
  expect(loop.sizes[0]).toBeLessThan(4096);
});

test('a libvirt that does not tell of jobs keeps nothing from being sent', async () => {
  const loop = await LoopWorld.open(1);
  loop.host.own = 15 * GIB;
  loop.world.faults.isMoving = () => Promise.reject(new Error('unsupported'));
  await loop.setPolicy({ mode: 'act' });
  await loop.run(30);
  expect(loop.sizes[0]).toBeLessThan(4096);
});
