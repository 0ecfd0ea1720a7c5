import { expect, test } from '@jest/globals';
import { MomClient } from '../../src/policy/mom/momClient.ts';
import { createCaller } from '../support/call.ts';
import { useMom } from '../support/fakeMom.ts';
import { until } from '../support/until.ts';
import { idOf, parameters, World } from '../support/world.ts';
import { VirtualClock } from '../support/virtualClock.ts';

const fixture = useMom();

test('is empty on a host without VMs', async () => {
  const world = await World.open();
  await expect(world.call('Host.getAllVmStats')).resolves.toEqual([]);
});

test('has every VM with any status: starting, running and ended', async () => {
  const world = await World.open();
  await world.boot(1);
  await world.boot(2);
  world.host.guest(idOf(2)).crash();
  await world.seconds(1);
  await world.call('VM.create', { vmID: idOf(3), vmParams: parameters(3) });
  const stats = (await world.call('Host.getAllVmStats')) as Record<string, unknown>[];
  expect(stats.map(({ vmId, status }) => [vmId, status])).toEqual([
    [idOf(1), 'Up'],
    [idOf(2), 'Down'],
    [idOf(3), 'WaitForLaunch'],
  ]);
  expect(stats[0]).toEqual(await world.stats(idOf(1)));
});

test('has all that MoM needs of a VM that is Up: balloon, memory, CPUs and name', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  const [stats] = (await world.call('Host.getAllVmStats')) as [Record<string, unknown>];
  const integer = expect.stringMatching(/^[1-9]\d*$/);
  expect(stats).toMatchObject({
    vmId: vmID,
    vmName: 'vm1',
    status: 'Up',
    vcpuCount: '2',
    memUsage: integer,
    balloonInfo: {
      balloon_cur: '1048576',
      balloon_max: '1048576',
      balloon_min: '524288',
      balloon_target: '1048576',
      ballooning_enabled: true,
    },
    memoryStats: {
      mem_total: integer,
      mem_unused: integer,
      mem_free: integer,
      swap_in: 0,
      swap_out: 0,
      majflt: 0,
      minflt: expect.any(Number),
      pageflt: expect.any(Number),
    },
  });
});

test('sends a MoM whose ping got no reply its parameters, once per connection', async () => {
  const { mom } = fixture;
  const world = await World.open({ mom: new MomClient(mom.path, new VirtualClock()) });
  await world.call('Host.setMOMPolicyParameters', { key_value_store: { balloonEnabled: true } });
  const { peer } = createCaller();
  for (let round = 0; round < 3; round += 1) {
    await world.call('Host.getAllVmStats', {}, { peer });
    await world.seconds(10);
  }
  await until(() => mom.calls.length >= 2);
  await world.call('Host.ping2', {}, { peer });
  await world.seconds(10);
  expect(mom.calls.map(({ params }) => params[1])).toEqual(
    Array(2).fill('(set balloonEnabled True)'),
  );
});
