import { expect, test } from '@jest/globals';
import { GIB, LoopWorld } from './loopWorld.ts';

async function shortOfMemory(options = {}): Promise<LoopWorld> {
  const loop = await LoopWorld.open(3, options);
  loop.host.own = 10 * GIB;
  return loop;
}

test('observing decides as acting would, again and again, and sends nothing', async () => {
  const loop = await shortOfMemory();
  await loop.setPolicy({ mode: 'observe' });
  await loop.run(120);
  expect(loop.world.calls).not.toContain('setBalloon');
  expect(loop.sizes).toEqual([4096, 4096, 4096]);
  for (const { mode, decisions, asked } of loop.rounds) {
    expect(mode).toBe('observe');
    expect(asked.size).toBe(0);
    expect(decisions.map(({ reason }) => reason.rule)).toEqual(Array(3).fill('host-short'));
  }
});

test('what it would do is logged when it changes, not in each round', async () => {
  const loop = await shortOfMemory();
  await loop.setPolicy({ mode: 'observe' });
  await loop.run(120);
  const [line, ...more] = loop.lines({ event: 'policy_would', level: 30 });
  expect(more).toEqual([]);
  expect(line).toMatchObject({ would_free_kib: expect.any(Number), would_give_kib: 0 });
  expect(line?.['vms']).toHaveLength(3);
  loop.host.own = GIB / 4;
  await loop.run(120);
  expect(loop.lines({ event: 'policy_would' }).at(-1)).toMatchObject({
    would_free_kib: 0,
    vms: [],
  });
});

test('acting begins as soon as it is chosen, from what observing has learnt', async () => {
  const loop = await shortOfMemory();
  await loop.setPolicy({ mode: 'observe' });
  await loop.run(30);
  const { at = 0 } = loop.rounds.at(-1) ?? {};
  await loop.setPolicy({ mode: 'act' });
  await loop.run(5);
  const acting = loop.rounds.find(({ mode }) => mode === 'act');
  expect(acting?.at).toBeLessThan(at + 5000);
  expect(acting?.asked.size).toBe(3);
  expect(acting?.decisions[0]?.reason.inputs['used']).toBeGreaterThan(0);
});

test('a vmemd that runs read-only observes, whatever it is told', async () => {
  const loop = await shortOfMemory({ readOnly: true });
  await loop.setPolicy({ mode: 'act' });
  await loop.run(60);
  expect(loop.rounds.length).toBeGreaterThan(5);
  for (const { mode } of loop.rounds) expect(mode).toBe('observe');
  expect(loop.world.calls).not.toContain('setBalloon');
});

test('a preview decides without a round', async () => {
  const loop = await shortOfMemory();
  await loop.run(10);
  const preview = await loop.policy.runNow();
  expect(preview).toMatchObject({ mode: 'observe', cause: 'request' });
  expect(preview.decisions).toHaveLength(3);
  expect(loop.rounds).toEqual([]);
  expect(loop.policy.last).toBeUndefined();
});
