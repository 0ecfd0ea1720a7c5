import { expect, test } from '@jest/globals';
import { refusesBadIds } from '../support/vmVerb.ts';
import { idOf, parameters, World } from '../support/world.ts';

refusesBadIds('VM.getBalloonInfo');

test('has the guarantee, the memory and the target from the start', async () => {
  const world = await World.open();
  await world.call('VM.create', { vmID: idOf(1), vmParams: parameters() });
  await expect(world.balloon(idOf(1))).resolves.toEqual({
    balloon_min: '524288',
    guaranteed_kib: 524_288,
    balloon_max: '1048576',
    balloon_target: '1048576',
    target_by: 'start',
    ballooning_enabled: true,
    model: 'virtio',
    stats_period_s: 10,
    freshness: { state: 'unknown' },
  });
});

test("has the size and the time of the guest's last report once there is one", async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(world.balloon(vmID)).resolves.toMatchObject({
    balloon_cur: '1048576',
    last_update: '2026-01-01T00:00:30.000Z',
  });
});

test('follows a moving balloon between two samples', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.call('VM.setBalloonTarget', { vmID, target: 524_288 });
  await world.seconds(1);
  const { balloon_cur: halfway } = await world.balloon(vmID);
  expect(Number(halfway)).toBeLessThan(1_048_576);
  await world.seconds(9);
  await expect(world.balloon(vmID)).resolves.toMatchObject({
    balloon_cur: '524288',
    balloon_target: '524288',
  });
});

test.each([
  [21, 21],
  [0, 0],
  [-5, 0],
])('a configured statistics period of %i is reported as %i', async (period, reported) => {
  const world = await World.open({ build: { statsPeriod: period as never } });
  const vmID = await world.boot();
  await expect(world.balloon(vmID)).resolves.toMatchObject({ stats_period_s: reported });
});

test('reports that a VM has no balloon', async () => {
  const world = await World.open();
  const devices = [{ type: 'balloon', device: 'memballoon', model: 'none' }];
  const vmID = await world.boot(1, { devices });
  await expect(world.balloon(vmID)).resolves.toMatchObject({
    model: 'none',
    ballooning_enabled: false,
    stats_period_s: 0,
  });
});
