import { describe, expect, test } from '@jest/globals';
import type { PolicySettings } from '../../src/policy/loop/settings.ts';
import { World } from '../support/world.ts';
import type { WorldOptions } from '../support/worldOptions.ts';

const set = (world: World, change: object) => world.call('Host.setPolicy', change);

async function opened(options: WorldOptions = {}) {
  const kept: PolicySettings[] = [];
  const keep = (settings: PolicySettings) => {
    kept.push(settings);
    return Promise.resolve();
  };
  const world = await World.open({ ...options, policy: { ...options.policy, keep } });
  return { world, kept };
}

test('changes what is given, returns all settings in force, and saves them', async () => {
  const { world, kept } = await opened();
  await set(world, { mode: 'observe' });
  const after = await set(world, { parameters: { goal: 0.3, stuck_after: 30 } });
  expect(after).toEqual({
    mode: 'observe',
    algorithm: 'adaptive',
    parameters: { goal: 0.3, stuck_after: 30 },
    by: 'client',
    since: '2026-01-01T00:00:00.000Z',
  });
  expect(kept.at(-1)).toMatchObject({
    mode: 'observe',
    parameters: { algorithm: 'adaptive', goal: 0.3, stuckAfter: 30 },
  });
});

test('sets a parameter that is null to its default', async () => {
  const { world } = await opened();
  await set(world, { parameters: { goal: 0.3, step: 0.2 } });
  const after = await set(world, { parameters: { goal: null } });
  expect(after).toMatchObject({ parameters: { step: 0.2 } });
  expect(after).not.toHaveProperty('parameters.goal');
});

test('another algorithm begins with its defaults, and the configured one with what is configured', async () => {
  const parameters = { algorithm: 'adaptive', goal: 0.15 } as const;
  const configured = { mode: 'off', parameters } as const;
  const { world } = await opened({ policy: { configured } });
  expect(await set(world, { algorithm: 'mom' })).toMatchObject({ parameters: {} });
  const back = await set(world, { algorithm: 'adaptive', parameters: { step: 0.2 } });
  expect(back).toMatchObject({ parameters: { goal: 0.15, step: 0.2 } });
});

test('returns the settings without a change if nothing is given', async () => {
  const { world, kept } = await opened();
  expect(await set(world, {})).toEqual({
    mode: 'off',
    algorithm: 'adaptive',
    parameters: {},
    by: 'configuration',
  });
  expect(kept).toEqual([]);
});

describe('refuses', () => {
  test.each([
    [{ parameters: { gaol: 0.1 } }, /there is no gaol, use some of: goal \(a number from 0 to/],
    [{ parameters: { step: 0 } }, /step must be a number from 0.001 to 1/],
    [{ algorithm: 'mom', parameters: { goal: 0.1 } }, /there is no goal, .* pressure_threshold/],
    [{ algorithm: 'mom', parameters: { flavour: 'mint' } }, /flavour must be vdsm or mom-doc/],
    [{ parameters: { algorithm: 'mom' } }, /give it beside the parameters/],
    [{ parameters: { two_phases: 1 } }, /two_phases must be true or false/],
  ])('%j, and changes nothing', async (change, message) => {
    const { world, kept } = await opened();
    await expect(set(world, change)).rejects.toMatchObject({
      name: 'InvalidParameter',
      message: expect.stringMatching(message),
    });
    expect(world.policy.settings).toMatchObject({ mode: 'off', algorithm: 'adaptive' });
    expect(kept).toEqual([]);
  });

  test('a misspelt member', async () => {
    const { world } = await opened();
    await expect(set(world, { mod: 'act' })).rejects.toMatchObject({ name: 'InvalidParams' });
  });
});

test('says why it does not act where nothing may be changed', async () => {
  const { world } = await opened({ readOnly: true });
  expect(await set(world, { mode: 'act' })).toMatchObject({
    not_acting_because: 'this vmemd runs read-only, and changes no VM',
  });
});

test.each([
  [{ goal: 0.04 }, 'goal (0.04) must be at least reserve (0.05)'],
  [{ reserve: 0.5 }, 'goal (0.2) must be at least reserve (0.5)'],
  [{ algorithm: 'mom' }, 'algorithm is none of them; give it beside the parameters'],
])('refuses %j, and changes nothing', async (parameters, reason) => {
  const { world, kept } = await opened();
  await expect(set(world, { mode: 'act', parameters })).rejects.toThrow(reason);
  expect(await set(world, {})).toMatchObject({ mode: 'off', parameters: {} });
  expect(kept).toEqual([]);
});
