import { expect, test } from '@jest/globals';
import { MomClient } from '../../src/policy/mom/momClient.ts';
import { createCaller } from '../support/call.ts';
import { useMom } from '../support/fakeMom.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';
import { VirtualClock } from '../support/virtualClock.ts';

const fixture = useMom();

test('returns true', async () => {
  const world = await World.open();
  await expect(world.call('Host.ping2')).resolves.toBe(true);
});

test('sends a MoM that has restarted its parameters again, once per connection', async () => {
  const { mom } = fixture;
  const world = await World.open({ mom: new MomClient(mom.path, new VirtualClock()) });
  await world.call('Host.setMOMPolicyParameters', { key_value_store: { balloonEnabled: true } });
  const { peer } = createCaller();
  for (let round = 0; round < 3; round += 1) {
    await expect(world.call('Host.ping2', {}, { peer })).resolves.toBe(true);
    await world.seconds(10);
  }
  await until(() => mom.calls.length === 2);
  await world.call('Host.ping2', {}, createCaller());
  await world.seconds(10);
  await until(() => mom.calls.length === 3);
  expect(new Set(mom.calls.map(({ params }) => params[1]))).toEqual(
    new Set(['(set balloonEnabled True)']),
  );
});
