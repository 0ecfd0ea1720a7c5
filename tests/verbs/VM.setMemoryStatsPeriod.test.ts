import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { Seconds } from '../../src/common/units.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { idOf, parameters, World } from '../support/world.ts';

const METHOD = 'VM.setMemoryStatsPeriod';
refusesBadIds(METHOD, { period: 30 });

const livePeriod = async (world: World, vmID: string) =>
  /<stats period=['"](\d+)/.exec(await world.host.domainXml(vmID))?.[1];

test('the guest reports with this period', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  expect(await world.call(METHOD, { vmID, period: 2 })).toEqual({ code: 0, message: 'Done' });
  await world.seconds(59);
  await world.vms.sample();
  expect(await world.balloon(vmID)).toMatchObject({
    stats_period_s: 2,
    freshness: { state: 'fresh', age_s: 1 },
  });
});

test('0 turns reports off, and vmemd does not turn them on again', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.call(METHOD, { vmID, period: 0 });
  await world.sampled();
  await world.restart();
  await world.sampled();
  expect(await livePeriod(world, vmID)).toBeUndefined();
  expect(await world.balloon(vmID)).toMatchObject({
    stats_period_s: 0,
    freshness: { state: 'no-period' },
  });
});

test.each(['when-absent', 'always'] as const)(
  'is kept over a restart of vmemd, with %s as the configured policy',
  async (own) => {
    const world = await World.open();
    const vmID = await world.boot();
    await world.call(METHOD, { vmID, period: 30 });
    await world.host.setStatsPeriod(vmID, Seconds(0));
    await world.restart({ period: { own } });
    await world.seconds(1);
    expect(await livePeriod(world, vmID)).toBe('30');
  },
);

test('is kept in the next run of the domain', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.call(METHOD, { vmID, period: 30 });
  const xml = await world.host.domainXml(vmID);
  world.host.guest(vmID).crash();
  await world.seconds(1);
  await world.host.undefineDomain(vmID);
  const without = xml.replace(/<stats [^>]*>/, '');
  await world.host.createDomain(without, { paused: false });
  await world.seconds(1);
  expect(await livePeriod(world, vmID)).toBe('30');
});

test('does not change guarantee and target', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.call('VM.setBalloonTarget', { vmID, target: 786_432 });
  await world.call(METHOD, { vmID, period: 30 });
  await world.restart();
  expect(await world.balloon(vmID)).toMatchObject({
    balloon_min: '524288',
    balloon_target: '786432',
  });
});

test.each([-1, 1.5, 2 ** 31, null, 'soon'])('the period %p is refused', async (period) => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(world.call(METHOD, { vmID, period })).rejects.toMatchObject({ code: -32602 });
  expect(await livePeriod(world, vmID)).toBe('10');
});

test('a VM without a balloon is refused, as is one that does not run', async () => {
  const world = await World.open();
  const devices = [{ type: 'balloon', device: 'memballoon', model: 'none' }];
  const vmID = await world.boot(1, { devices });
  await expect(world.call(METHOD, { vmID, period: 30 })).rejects.toMatchObject({
    code: 53,
    message: expect.stringContaining('no balloon device'),
  });
  await world.call('VM.create', { vmID: idOf(2), vmParams: parameters(2) });
  await expect(world.call(METHOD, { vmID: idOf(2), period: 30 })).rejects.toMatchObject({
    code: 6,
  });
});

test('a period that the hypervisor refuses gives its error, and is not kept', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.setStatsPeriod = () => Promise.reject(new HypervisorError('failed', 'no luck'));
  await expect(world.call(METHOD, { vmID, period: 30 })).rejects.toMatchObject({
    code: 53,
    message: 'Balloon operation is not available: no luck',
  });
  delete world.faults.setStatsPeriod;
  await world.restart();
  await world.seconds(1);
  expect(await livePeriod(world, vmID)).toBe('10');
});

test('a new period clears the problem of a period that could not be set', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.host.setStatsPeriod(vmID, Seconds(0));
  world.faults.setStatsPeriod = () => Promise.reject(new HypervisorError('failed', 'no luck'));
  await world.restart();
  await world.seconds(1);
  expect(await world.balloon(vmID)).toMatchObject({ stats_period_problem: 'no luck' });
  delete world.faults.setStatsPeriod;
  await world.call(METHOD, { vmID, period: 30 });
  expect(await world.balloon(vmID)).not.toHaveProperty('stats_period_problem');
});
