import { expect, test } from '@jest/globals';
import { adaptiveDefaults } from '../../src/policy/decide/adaptive/parameters.ts';
import { GIB, LoopWorld } from '../policy/loop/loopWorld.ts';
import { idOf, World } from '../support/world.ts';

interface Answer {
  readonly policy: Readonly<Record<string, unknown>>;
  readonly round: { readonly number?: number; readonly time: string; readonly cause: string };
  readonly host: { readonly sentence: string };
  readonly vms: readonly (Readonly<Record<string, unknown>> & { readonly sentence: string })[];
}

const open = async () => {
  const world = await World.open();
  const explain = async (params: object = {}) =>
    (await world.call('Host.explainPolicy', params)) as Answer;
  return { world, explain };
};

test('a policy that is off is explained by what it would decide now, and decides nothing', async () => {
  const { world, explain } = await open();
  const vmID = await world.boot();
  const { policy, round, vms } = await explain();
  expect(policy).toMatchObject({ mode: 'off', algorithm: 'adaptive', by: 'configuration' });
  expect(Object.keys(policy['parameters'] as object)).toHaveLength(
    Object.keys(adaptiveDefaults).length,
  );
  expect(round).toEqual({ time: expect.any(String), cause: 'request' });
  expect(vms).toMatchObject([
    {
      id: vmID,
      name: 'vm1',
      rule: 'rest',
      current_kib: 1_048_576,
      floor_kib: 524_288,
      memory_kib: 1_048_576,
      used_kib: 438_274,
      need_kib: 525_929,
      need_because: '428 MiB in use, 85.6 MiB of headroom',
      freshness: { state: 'fresh', age_s: 0 },
      sentence: expect.stringMatching(/^vm1 keeps 1 GiB: it uses 428 MiB and needs 514 MiB/),
    },
  ]);
  expect(world.policy.last).toBeUndefined();
});

test('explaining twice gives the same: what is looked at is not remembered', async () => {
  const { world, explain } = await open();
  await world.boot();
  expect(await explain()).toEqual(await explain());
});

test('one VM is explained on its own, and an unknown one is refused', async () => {
  const { world, explain } = await open();
  await world.boot(1);
  const vmID = await world.boot(2);
  expect((await explain({ vmID })).vms).toMatchObject([{ id: vmID, name: 'vm2' }]);
  await expect(explain({ vmID: idOf(9) })).rejects.toMatchObject({ code: 1 });
});

test.each([
  ['paused', 'VM.pause', 'vm1 keeps 1 GiB: it is paused.'],
  ['Down', 'VM.destroy', undefined],
] as const)(
  'a VM that is %s is left alone, and the sentence says why',
  async (_, verb, sentence) => {
    const { world, explain } = await open();
    const vmID = await world.boot();
    await world.call(verb, { vmID });
    await world.sampledFor(10);
    const { vms } = await explain();
    expect(vms.map((vm) => vm.sentence)).toEqual(sentence === undefined ? [] : [sentence]);
  },
);

test('a VM that is Down is said to be so when asked for', async () => {
  const { world, explain } = await open();
  const vmID = await world.boot();
  world.host.guest(vmID).shutDownFromInside();
  await world.seconds(1);
  expect((await explain({ vmID })).vms).toEqual([
    {
      id: vmID,
      name: 'vm1',
      sentence: 'vm1 is left as it is: it is Down.',
      rule: 'not-running',
    },
  ]);
});

test('a policy that acts is explained by its last round, with what it asked for and what came of it', async () => {
  const loop = await LoopWorld.open(1);
  loop.host.own = 16 * GIB;
  await loop.setPolicy({ mode: 'act' });
  await loop.run(20);
  const { policy, round, host, vms } = (await loop.world.call('Host.explainPolicy', {})) as Answer;
  expect(policy).toMatchObject({ mode: 'act', by: 'client', since: expect.any(String) });
  expect(round).toMatchObject({ number: loop.rounds.length, cause: 'interval' });
  expect(host.sentence).toMatch(/^The host has .* less than its (goal|reserve)/);
  expect(vms[0]).toMatchObject({ asked: { outcome: 'applied', target_kib: expect.any(Number) } });
});

test('a target of a client is left alone, and the explanation says for how long', async () => {
  const loop = await LoopWorld.open(1);
  await loop.setPolicy({ mode: 'act' });
  await loop.world.call('VM.setBalloonTarget', { vmID: idOf(1), target: 3 * GIB });
  await loop.run(10);
  const { vms } = (await loop.world.call('Host.explainPolicy', { vmID: idOf(1) })) as Answer;
  expect(vms[0]).toMatchObject({ rule: 'pinned', pinned_until: expect.any(String) });
  expect(vms[0]?.sentence).toMatch(
    /^vm1 keeps 3 GiB: a client has set its target, which is left alone for another 59\d s\.$/,
  );
});
