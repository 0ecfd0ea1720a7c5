import { expect, test } from '@jest/globals';
import { KiB } from '../../../src/common/units.ts';
import { idOf } from '../../support/world.ts';
import { GIB, LoopWorld, MIB } from './loopWorld.ts';

const FULL = [4096, 4096, 4096];

test('guests give memory while the host lacks it, never below their guarantees, and get it back', async () => {
  const loop = await LoopWorld.open(3);
  await loop.setPolicy({ mode: 'act' });
  await loop.run(30);
  expect(loop.sizes).toEqual(FULL);

  loop.host.own = 10 * GIB;
  await loop.run(120);
  expect(loop.host.available).toBeGreaterThanOrEqual(0.2 * loop.host.total);
  for (const size of loop.sizes) {
    expect(size).toBeGreaterThanOrEqual(1024);
    expect(size).toBeLessThan(4096);
  }
  expect(loop.lines({ event: 'policy_target', vmId: idOf(1) })[0]).toMatchObject({
    level: 30,
    rule: 'host-short',
    outcome: 'applied',
    vmName: 'vm1',
  });

  loop.host.own = GIB / 4;
  await loop.run(900);
  // The last 1 % of a guest is not worth a call.
  for (const size of loop.sizes) expect(size).toBeGreaterThan(4096 * 0.98);
});

test('the mom algorithm shrinks by its steps of 5 %, and can be taken at run time', async () => {
  const loop = await LoopWorld.open(1);
  loop.host.own = 15 * GIB;
  await loop.setPolicy({ mode: 'act', algorithm: 'mom', parameters: { window: 1 } });
  await loop.run(10);
  const [size = NaN] = loop.sizes;
  expect(size).toBeCloseTo(4096 * 0.95 ** 2, -1);
  await loop.setPolicy({ algorithm: 'adaptive' });
  await loop.run(10);
  expect(loop.rounds.at(-1)?.parameters).toEqual({ algorithm: 'adaptive' });
  expect(loop.sizes[0]).toBeLessThan(size);
});

test('a guest that begins to use memory gets it from one that idles', async () => {
  const loop = await LoopWorld.open(2);
  loop.useMemory(2, 400);
  loop.host.own = 12 * GIB;
  await loop.setPolicy({ mode: 'act' });
  await loop.run(120);
  const [, before = NaN] = loop.sizes;
  loop.useMemory(1, 3000);
  await loop.run(180);
  const [busy = NaN, idle = NaN] = loop.sizes;
  expect(busy).toBeGreaterThan(3000);
  expect(idle).toBeLessThan(before);
  expect(idle).toBeGreaterThanOrEqual(1024);
});

test('a guest that reboots in mid-squeeze boots with all its memory, and is squeezed again', async () => {
  const loop = await LoopWorld.open(3);
  loop.host.own = 10 * GIB;
  await loop.setPolicy({ mode: 'act' });
  await loop.run(15);
  loop.world.host.guest(idOf(1)).rebootFromInside();
  await loop.run(300);
  expect(loop.host.available).toBeGreaterThanOrEqual(0.2 * loop.host.total);
  for (const size of loop.sizes) expect(size).toBeGreaterThanOrEqual(1024);
  expect(loop.sizes[0]).toBeLessThan(4096);
});

test('what is reserved counts as used', async () => {
  let held = 0;
  const loop = await LoopWorld.open(1, { policy: { held: () => KiB(held * MIB) } });
  await loop.setPolicy({ mode: 'act' });
  await loop.run(30);
  expect(loop.sizes).toEqual([4096]);
  held = 13 * 1024;
  await loop.run(60);
  expect(loop.sizes[0]).toBeLessThan(4096);
});
