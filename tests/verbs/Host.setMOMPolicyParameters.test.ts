import { describe, expect, test } from '@jest/globals';
import { MomClient } from '../../src/policy/mom/momClient.ts';
import { useMom } from '../support/fakeMom.ts';
import { createRequest } from '../support/call.ts';
import { World } from '../support/world.ts';
import { VirtualClock } from '../support/virtualClock.ts';

const fixture = useMom();
const open = () => World.open({ mom: new MomClient(fixture.mom.path, new VirtualClock()) });
const set = (world: World, key_value_store: unknown) =>
  world.call('Host.setMOMPolicyParameters', { key_value_store });

test("accepts the engine's parameters, and sends them to MoM", async () => {
  const world = await open();
  const parameters = { balloonEnabled: true, ksmEnabled: false, ksmMergeAcrossNodes: true };
  await expect(set(world, parameters)).resolves.toBe(true);
  expect(fixture.mom.calls).toEqual([
    {
      method: 'setNamedPolicy',
      params: [
        '01-parameters',
        '(set balloonEnabled True)\n(set ksmEnabled False)\n(set ksmMergeAcrossNodes True)',
      ],
    },
  ]);
});

test('parameters that are not given stay unchanged', async () => {
  const world = await open();
  await set(world, { balloonEnabled: true, ksmEnabled: true });
  await set(world, { ksmEnabled: 'False' });
  expect(world.mom.parameters).toEqual({ balloonEnabled: true, ksmEnabled: false });
});

describe.each([
  ['by default', false],
  ['in strict mode', true],
])('%s', (_, strict) => {
  test.each([
    [{ balloonEnabled: true, baloonEnabled: true }, 'key_value_store.baloonEnabled is not known'],
    [{ __proto__: null, constructor: true }, 'key_value_store.constructor is not known'],
    [{ balloonEnabled: 1 }, 'key_value_store.balloonEnabled must be true or false'],
    [{ ksmEnabled: null }, 'key_value_store.ksmEnabled must be true or false'],
    [[], 'key_value_store must be an object'],
    [undefined, 'key_value_store is missing'],
  ])("refuses %j, which would stop each of MoM's rounds", async (parameters, message) => {
    const world = await open();
    const verb = world.verbs.get('Host.setMOMPolicyParameters');
    const params = parameters === undefined ? {} : { key_value_store: parameters };
    const context = { ...world.services, ...createRequest() };
    const refusal = { code: -32602, message: expect.stringContaining(message) };
    expect(() => verb?.call(params, context, { strict })).toThrow(expect.objectContaining(refusal));
    expect(world.mom.parameters).toEqual({});
    expect(fixture.mom.calls).toEqual([]);
  });
});

test('parameters are kept if MoM is not reachable or none is configured', async () => {
  const world = await open();
  await fixture.mom.stop();
  await expect(set(world, { balloonEnabled: true })).resolves.toBe(true);
  expect(world.mom.parameters).toEqual({ balloonEnabled: true });
  await expect(set(await World.open(), { balloonEnabled: true })).resolves.toBe(true);
});

describe('without a MoM', () => {
  test.each([
    ['off', true, 'act'],
    ['off', false, 'off'],
    ['observe', true, 'observe'],
    ['observe', false, 'off'],
    ['act', true, 'act'],
    ['act', false, 'off'],
  ] as const)('a policy that is %s gets, by balloonEnabled %s, %s', async (before, on, after) => {
    const world = await World.open();
    await world.call('Host.setPolicy', { mode: before });
    await set(world, { balloonEnabled: on });
    expect(world.policy.settings).toMatchObject({ mode: after, algorithm: 'adaptive' });
  });

  test('a policy that is configured to observe does not act when the engine turns it on again', async () => {
    const configured = { mode: 'observe', parameters: { algorithm: 'adaptive' } } as const;
    const world = await World.open({ policy: { configured } });
    await set(world, { balloonEnabled: false });
    await set(world, { balloonEnabled: true });
    expect(world.policy.settings).toMatchObject({ mode: 'observe', by: 'engine' });
  });

  test('page sharing is remembered, and does not turn the policy on', async () => {
    const world = await World.open();
    await set(world, { ksmEnabled: true });
    await set(world, { ksmMergeAcrossNodes: false });
    expect(world.policy.settings).toMatchObject({
      mode: 'off',
      by: 'configuration',
      ksm: { ksmEnabled: true, ksmMergeAcrossNodes: false },
    });
  });
});

test('with a MoM, the policy of vmemd stays as it is', async () => {
  const world = await open();
  await set(world, { balloonEnabled: true });
  expect(world.policy.settings).toMatchObject({ mode: 'off', ksm: {} });
});
