import { describe, expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { Seconds } from '../../../src/common/units.ts';
import { onHost } from '../../support/onHost.ts';
import { idOf, parameters, World } from '../../support/world.ts';
import type { WorldOptions } from '../../support/worldOptions.ts';

const foreign = (stats: string) =>
  `<domain type='kvm'><name>theirs</name><uuid>${idOf(1)}</uuid><memory>1048576</memory>
   <devices><memballoon model='virtio'>${stats}</memballoon></devices></domain>`;
const vmID = idOf(1);
const configured = (period: number): WorldOptions => ({ build: { statsPeriod: Seconds(period) } });
const always = { period: { own: 'always' } } as const;

const adopted = async (stats: string, options: WorldOptions = {}) => {
  const world = await World.open(options);
  await world.host.createDomain(foreign(stats), { paused: false });
  await world.seconds(1);
  return world;
};
const period = async (world: World): Promise<unknown> => {
  const xml = await world.host.domainXml(vmID);
  return Number(/<stats period=['"](\d+)/.exec(xml)?.[1] ?? 0);
};
const settings = (world: World): number =>
  world.calls.filter((call) => call === 'setStatsPeriod').length;

describe('a domain of another program', () => {
  test('gets the configured period when it is found', async () => {
    const world = await adopted('');
    expect(await period(world)).toBe(10);
    await world.sampled();
    expect(await world.balloon(vmID)).toMatchObject({
      stats_period_s: 10,
      freshness: { state: 'fresh' },
    });
  });

  test('keeps its own period', async () => {
    const world = await adopted("<stats period='5'/>");
    await world.sampledFor(60);
    expect(await period(world)).toBe(5);
    expect(settings(world)).toBe(0);
  });

  test('gets the configured period if the policy replaces all periods', async () => {
    const world = await adopted("<stats period='5'/>", always);
    expect(await period(world)).toBe(10);
  });

  test.each([0, -5])('gets no period if the configured one is %i', async (of) => {
    const world = await adopted('', configured(of));
    world.calls.length = 0;
    await world.sampledFor(60);
    expect(await period(world)).toBe(0);
    // Nor is it read repeatedly.
    expect(new Set(world.calls)).toEqual(new Set(['sampleAll', 'listDomains', 'domainXml']));
    expect(await world.balloon(vmID)).toMatchObject({ freshness: { state: 'no-period' } });
  });

  test('has no period and no problem without a balloon', async () => {
    const world = await World.open();
    await world.host.createDomain(foreign('').replace('virtio', 'none'), { paused: false });
    await world.sampledFor(60);
    expect(settings(world)).toBe(0);
    const balloon = await world.balloon(vmID);
    expect(balloon).toMatchObject({ freshness: { state: 'no-device' } });
    expect(balloon).not.toHaveProperty('stats_period_problem');
  });
});

describe('a period that another program removed', () => {
  test('is set again once the guest has stopped reporting', async () => {
    const world = await World.open();
    await world.boot();
    await world.host.setStatsPeriod(vmID, Seconds(0));
    await world.sampledFor(45);
    expect(await period(world)).toBe(10);
    await world.sampledFor(15);
    expect(await world.balloon(vmID)).toMatchObject({ freshness: { state: 'fresh' } });
    expect(settings(world)).toBe(1);
  });

  test('is set again also if the guest had never reported', async () => {
    const world = await World.open();
    await world.call('VM.create', { vmID, vmParams: parameters() });
    await world.seconds(1);
    await world.host.setStatsPeriod(vmID, Seconds(0));
    await world.sampledFor(45);
    expect(await world.balloon(vmID)).toMatchObject({ freshness: { state: 'fresh' } });
  });

  test.each([
    ['a restart', (world: World) => world.restart()],
    [
      'a lost connection',
      async (world: World) => {
        world.host.disconnect();
        world.host.reconnect();
        await world.seconds(1);
      },
    ],
  ])('is set again at once after %s', async (_, happen) => {
    const world = await World.open();
    await world.boot();
    await world.host.setStatsPeriod(vmID, Seconds(0));
    await happen(world);
    await world.seconds(1);
    expect(await period(world)).toBe(10);
  });
});

describe('a domain that is started again', () => {
  test('is compared with the configuration in its new run', async () => {
    const world = await World.open();
    await world.boot();
    world.host.guest(vmID).crash();
    await world.seconds(1);
    const xml = (await world.host.domainXml(vmID)).replace(/<stats [^>]*>/, '');
    await world.host.undefineDomain(vmID);
    await world.host.createDomain(xml, { paused: false });
    await world.seconds(1);
    expect(await period(world)).toBe(10);
  });
});

describe('a period that cannot be set', () => {
  const refusal = () => Promise.reject(new HypervisorError('refused', 'no such luck'));

  test('is reported to clients, logged once, and affects nothing else', async () => {
    const world = await World.open();
    world.faults.setStatsPeriod = refusal;
    await world.host.createDomain(foreign(''), { paused: false });
    await world.sampledFor(120);
    expect(await world.balloon(vmID)).toMatchObject({
      stats_period_s: 0,
      stats_period_problem: 'no such luck',
      freshness: { state: 'no-period' },
    });
    expect(await world.status(vmID)).toBe('Up');
    const told = world.lines.filter(({ reason }) => reason === 'no such luck');
    expect(told).toHaveLength(1);
  });

  test('is retried until it succeeds', async () => {
    const world = await World.open();
    world.faults.setStatsPeriod = refusal;
    await world.host.createDomain(foreign(''), { paused: false });
    await world.sampledFor(120);
    const tries = settings(world);
    expect(tries).toBeGreaterThanOrEqual(3);
    expect(tries).toBeLessThanOrEqual(5);
    delete world.faults.setStatsPeriod;
    await world.sampledFor(35);
    expect(await period(world)).toBe(10);
    expect(await world.balloon(vmID)).not.toHaveProperty('stats_period_problem');
  });

  test('is retried also if the guest reports by the period of another program', async () => {
    const world = await World.open(always);
    world.faults.setStatsPeriod = refusal;
    await world.host.createDomain(foreign("<stats period='5'/>"), { paused: false });
    await world.sampledFor(30);
    expect(await world.balloon(vmID)).toMatchObject({
      freshness: { state: 'fresh' },
      stats_period_problem: 'no such luck',
    });
    delete world.faults.setStatsPeriod;
    await world.sampledFor(35);
    expect(await period(world)).toBe(10);
  });

  test('is sent once while the monitor hangs, and set when the monitor responds again', async () => {
    const world = await World.open();
    world.faults.listDomains = () => Promise.resolve([]);
    await world.host.createDomain(foreign(''), { paused: false });
    const release = world.host.guest(vmID).hang();
    await world.seconds(1);
    delete world.faults.listDomains;
    await world.restart();
    await world.sampledFor(60);
    expect(settings(world)).toBe(1);
    expect(await world.balloon(vmID)).toMatchObject({
      stats_period_problem: expect.stringContaining('no result within 60 s'),
    });
    await world.sampledFor(35);
    expect(settings(world)).toBe(2);
    release();
    await world.sampledFor(15);
    expect(await period(world)).toBe(10);
    expect(await world.balloon(vmID)).toMatchObject({ freshness: { state: 'fresh' } });
  });

  test('of a VM that ends meanwhile is not reported', async () => {
    const world = await World.open();
    world.faults.setStatsPeriod = async () => {
      world.host.guest(vmID).crash();
      await world.seconds(0);
      return refusal();
    };
    await world.boot(1, {});
    await world.host.setStatsPeriod(vmID, Seconds(0));
    await world.sampledFor(45);
    expect(await world.status(vmID)).toBe('Down');
    expect(world.lines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  });
});

test('the period of a paused VM is neither checked nor set until it is resumed', async () => {
  const world = await World.open();
  await world.boot();
  await world.call('VM.pause', { vmID });
  world.calls.length = 0;
  await world.sampledFor(120);
  expect(new Set(world.calls)).toEqual(new Set(['sampleAll', 'listDomains', 'domainXml']));
});

test('a new VM gets the configured period after its start if the policy replaces all periods', async () => {
  const world = await World.open(always);
  const xml = foreign("<stats period='5'/>");
  await world.call('VM.create', { vmID, vmParams: { xml } });
  await world.sampledFor(10);
  expect(await period(world)).toBe(10);
});

test('a period whose write into the configuration failed does not replace a newer one', async () => {
  const world = await World.open();
  await world.boot();
  world.faults.setMetadata = (id, element, options) => {
    if (element.where === 'live') return world.host.setMetadata(id, element, options);
    delete world.faults.setMetadata;
    return Promise.reject(new HypervisorError('failed', 'the configuration is locked'));
  };
  const older = world.call('VM.setMemoryStatsPeriod', { vmID, period: 5 });
  await expect(older).rejects.toMatchObject({ code: 53 });
  await world.call('VM.setMemoryStatsPeriod', { vmID, period: 20 });
  await world.sampledFor(150);
  const host = onHost(world, vmID);
  expect(await host.now()).toMatchObject({ statsPeriod: 20, chosenPeriod: 20 });
  expect((await host.nextRun()).chosenPeriod).toBe(20);
});
