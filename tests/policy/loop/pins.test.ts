import { expect, test } from '@jest/globals';
import { idOf } from '../../support/world.ts';
import { GIB, LoopWorld, MIB } from './loopWorld.ts';

const set = (loop: LoopWorld, mib: number) =>
  loop.world.call('VM.setBalloonTarget', { vmID: idOf(1), target: mib * MIB });

async function acting(options = {}): Promise<LoopWorld> {
  const loop = await LoopWorld.open(2, options);
  await loop.setPolicy({ mode: 'act' });
  await loop.run(10);
  return loop;
}

const ruleOf = (loop: LoopWorld) => loop.rounds.at(-1)?.decisions[0]?.reason.rule;

test('a VM is left alone for ten minutes after a client has set its target', async () => {
  const loop = await acting();
  await set(loop, 2000);
  await loop.run(590);
  expect(loop.targets[0]).toBe(2000);
  expect(ruleOf(loop)).toBe('pinned');
  await loop.run(300);
  expect(loop.asked(1)).toBeGreaterThan(0);
  expect(loop.sizes[0]).toBeGreaterThan(2000);
});

test('a client that repeats its target keeps the VM for ten more minutes', async () => {
  const loop = await acting();
  await set(loop, 2000);
  await loop.run(400);
  await set(loop, 2000);
  await loop.run(400);
  expect(loop.targets[0]).toBe(2000);
  await loop.run(400);
  expect(loop.sizes[0]).toBeGreaterThan(2000);
});

test('a restart of vmemd does not end that', async () => {
  const loop = await acting();
  await set(loop, 2000);
  await loop.run(100);
  await loop.world.restart();
  loop.start();
  await loop.setPolicy({ mode: 'act' });
  await loop.run(400);
  expect(loop.targets[0]).toBe(2000);
  expect(ruleOf(loop)).toBe('pinned');
  await loop.run(400);
  expect(loop.sizes[0]).toBeGreaterThan(2000);
});

test('a target that a client sets while the policy waits for its turn is not overridden', async () => {
  const loop = await acting();
  const { faults, host } = loop.world;
  let isFirst = true;
  faults.domainXml = async (uuid, options) => {
    if (uuid === idOf(1) && isFirst) {
      isFirst = false;
      // The round begins while the client's target is on its way.
      loop.host.own = 15 * GIB;
      loop.host.stall();
      await loop.world.seconds(0);
    }
    return host.domainXml(uuid, options);
  };
  await loop.world.during(2, set(loop, 3000));
  delete faults.domainXml;
  await loop.run(60);
  expect(loop.targets[0]).toBe(3000);
});

test('a raised guarantee grows the VM at once, and is no wish of a client for a size', async () => {
  const loop = await acting();
  await set(loop, 1200);
  await loop.world.call('VM.setGuaranteedMemory', { vmID: idOf(1), guaranteed: 1500 });
  expect(loop.targets[0]).toBe(1500);
  const other = { vmID: idOf(2), guaranteed: 2000 };
  await loop.world.call('VM.setGuaranteedMemory', other);
  await loop.run(10);
  expect(loop.rounds.at(-1)?.decisions[1]?.reason.rule).not.toBe('pinned');
});

test('no time at all is kept free for clients if none is configured', async () => {
  const loop = await acting({ policy: { pinTime: 0 } });
  await set(loop, 2000);
  await loop.run(300);
  expect(loop.sizes[0]).toBeGreaterThan(2000);
});
