import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB, Milliseconds, Seconds } from '../../../src/common/units.ts';
import { complaint, validator } from '../../../src/common/validate.ts';
import type { Sampled } from '../../../src/vm/history.ts';
import {
  balloonInfo,
  keptMemoryStats,
  memoryStats,
  memUsage,
} from '../../../src/vm/report/stats.ts';
import { omitUndefined } from '../../../src/common/omitUndefined.ts';
import { BalloonInfo, MemoryStats } from '../../../schema/vmStats.ts';
import { assertProperty } from '../../support/property.ts';
import { idOf, World } from '../../support/world.ts';

const sample = (changes: Partial<Sampled> = {}): Sampled => ({
  state: 'running',
  at: Milliseconds(15_000),
  current: KiB(3_145_728),
  available: KiB(4_000_000),
  unused: KiB(1_000_000),
  diskCaches: KiB(500_000),
  swapIn: KiB(60),
  swapOut: KiB(30),
  majorFaults: 450,
  minorFaults: 6000,
  ...changes,
});
const before = sample({
  at: Milliseconds(0),
  swapIn: KiB(30),
  swapOut: KiB(0),
  majorFaults: 300,
  minorFaults: 3000,
});
const figures = {
  memory: KiB(4_194_304),
  floor: KiB(1_048_576),
  target: KiB(4_194_304),
  enabled: true,
  isKept: false,
};

describe('balloonInfo', () => {
  test('is complete, in KiB as decimal text', () => {
    expect(balloonInfo(figures, { newest: sample() })).toEqual({
      balloon_cur: '3145728',
      balloon_max: '4194304',
      balloon_min: '1048576',
      balloon_target: '4194304',
      ballooning_enabled: true,
    });
  });

  test.each([
    ['its current size, if that is more', 3_145_728, '3145728'],
    ['the guarantee, if the balloon has less', 1_000_000, '1048576'],
    ['at most the maximum', 5_000_000, '4194304'],
  ])('of a guest that keeps its memory has as minimum %s', (_, current, balloon_min) => {
    const newest = sample({ current: KiB(current) });
    expect(balloonInfo({ ...figures, isKept: true }, { newest })).toMatchObject({ balloon_min });
  });

  test('rounds memory down to whole MiB as VDSM does', () => {
    const memory = KiB(4_194_304 + 1023);
    expect(balloonInfo({ ...figures, memory }, { newest: sample() })).toMatchObject({
      balloon_max: '4194304',
    });
  });

  test.each([
    ['there is no sample', {}],
    ['the size is 0', { newest: sample({ current: KiB(0) }) }],
    ['the size is unknown', { newest: omitUndefined({ ...sample(), current: undefined }) }],
  ])('is undefined if %s', (_, samples) => {
    expect(balloonInfo(figures, samples)).toBeUndefined();
  });
});

describe('memoryStats', () => {
  test('has the types of VDSM, with counters as rates', () => {
    expect(memoryStats({ newest: sample(), previous: before })).toEqual({
      mem_total: '4000000',
      mem_unused: '1000000',
      mem_free: '1500000',
      swap_in: 2,
      swap_out: 2,
      majflt: 10,
      minflt: 200,
      pageflt: 210,
    });
  });

  test('is undefined until a second report, which makes its rates known', () => {
    expect(memoryStats({ newest: sample() })).toBeUndefined();
    const { state, at } = before;
    expect(memoryStats({ newest: sample(), previous: { state, at } })).toBeUndefined();
  });

  test('has no rate for a counter that fell, or between two samples of the same time', () => {
    const previous = { ...before, majorFaults: 500 };
    expect(memoryStats({ newest: sample(), previous })?.majflt).toBeUndefined();
    expect(memoryStats({ newest: sample(), previous })?.pageflt).toBeUndefined();
    expect(memoryStats({ newest: sample(), previous: sample() })?.minflt).toBeUndefined();
  });

  test('has rates between two reports of the guest, however often it was sampled between them', () => {
    const previous = { ...before, at: Milliseconds(14_000), lastUpdate: Seconds(1000) };
    const newest = sample({ lastUpdate: Seconds(1030) });
    expect(memoryStats({ newest, previous })).toMatchObject({ swap_in: 1, minflt: 100 });
  });

  test.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [2.4, 2],
    [2.6, 3],
  ])('rounds %d a second to %d, halves to even as VDSM does', (rate, told) => {
    const previous = sample({ at: Milliseconds(0), minorFaults: 0 });
    const newest = sample({ at: Milliseconds(10_000), minorFaults: rate * 10 });
    expect(memoryStats({ newest, previous })).toMatchObject({ minflt: told });
  });

  test('has no rates if the clock of the reports was set back', () => {
    const previous = { ...before, lastUpdate: Seconds(1000) };
    const newest = sample({ lastUpdate: Seconds(990) });
    expect(memoryStats({ newest, previous })?.minflt).toBeUndefined();
  });

  test('counts no caches if they are unknown', () => {
    const newest = omitUndefined({ ...sample(), diskCaches: undefined }) as Sampled;
    expect(memoryStats({ newest, previous: before })).toMatchObject({ mem_free: '1000000' });
  });

  test('leaves out values that the guest did not report', () => {
    const { state, at, available } = sample();
    const newest = { state, at, available: available ?? KiB(0) };
    expect(memoryStats({ newest, previous: before })).toEqual({ mem_total: '4000000' });
    expect(memoryStats({})).toBeUndefined();
  });
});

describe('the statistics that are kept of a guest without new reports', () => {
  test('are the last ones with their rates', () => {
    const samples = { newest: sample(), previous: before };
    expect(keptMemoryStats(samples)).toEqual(memoryStats(samples));
  });

  test('have the rates of two samples without a change if only one report is known', () => {
    expect(keptMemoryStats({ newest: sample({ lastUpdate: Seconds(1000) }) })).toEqual({
      mem_total: '4000000',
      mem_unused: '1000000',
      mem_free: '1500000',
      swap_in: 0,
      swap_out: 0,
      majflt: 0,
      minflt: 0,
      pageflt: 0,
    });
  });

  test.each(['unused', 'majorFaults', 'swapIn'] as const)('are left out without %s', (name) => {
    const newest = omitUndefined({ ...sample(), [name]: undefined }) as Sampled;
    expect(keptMemoryStats({ newest, previous: before })).toBeUndefined();
    expect(keptMemoryStats({})).toBeUndefined();
  });
});

describe('memUsage', () => {
  const usage = (newest: Sampled) =>
    memUsage(figures.memory, memoryStats({ newest, previous: before }));

  test('is the memory that is neither free nor cache, in percent', () => {
    expect(usage(sample())).toBe('64');
  });

  test('of an almost empty guest is 1, as 0 means unknown', () => {
    expect(usage(sample({ unused: KiB(4_190_000), diskCaches: KiB(0) }))).toBe('1');
  });

  test('is never outside of the range of percents', () => {
    expect(usage(sample({ unused: KiB(9_000_000) }))).toBe('1');
    expect(usage(sample({ unused: KiB(0), diskCaches: KiB(0) }))).toBe('100');
  });

  test('is 0 if the use is unknown, and only then', () => {
    expect(memUsage(figures.memory, undefined)).toBe('0');
    expect(memUsage(figures.memory, memoryStats({ newest: sample() }))).toBe('0');
    const rebooted = { ...before, majorFaults: 1_000_000 };
    expect(memUsage(figures.memory, memoryStats({ newest: sample(), previous: rebooted }))).toBe(
      '64',
    );
    expect(memUsage(KiB(0), memoryStats({ newest: sample(), previous: before }))).toBe('0');
  });
});

test('for any report of a guest, the figures match the contract', () => {
  const size = fc.option(fc.nat(2 ** 31 - 1).map(KiB), { nil: undefined });
  const any = fc
    .record({
      current: size,
      available: size,
      unused: size,
      diskCaches: size,
      swapIn: size,
      swapOut: size,
      majorFaults: size,
      minorFaults: size,
    })
    .chain((told) =>
      fc
        .nat(60_000)
        .map(Milliseconds)
        .map((at): Sampled => ({ ...omitUndefined(told), state: 'running', at })),
    );
  const [keepsBalloon, keepsStats] = [validator(BalloonInfo)(), validator(MemoryStats)()];
  assertProperty(
    fc.property(any, any, (newest, previous) => {
      const samples = { newest, previous };
      const [balloon, stats] = [balloonInfo(figures, samples), memoryStats(samples)];
      if (balloon && !keepsBalloon(balloon)) throw new Error(complaint(keepsBalloon));
      if (stats && !keepsStats(stats)) throw new Error(complaint(keepsStats));
      expect(memUsage(figures.memory, stats)).toMatch(/^(0|[1-9]\d?|100)$/);
      expect(balloon?.balloon_cur).not.toBe('0');
    }),
  );
});

test("a VM's displays are reported as text", async () => {
  const world = await World.open();
  const graphics =
    "<graphics type='vnc' port='5900'><listen type='address' address='10.0.0.7'/></graphics>";
  await world.host.createDomain(
    `<domain type='kvm'><name>x</name><uuid>${idOf(1)}</uuid><memory>1048576</memory><devices>${graphics}</devices></domain>`,
    { paused: false },
  );
  await world.seconds(1);
  expect(await world.stats(idOf(1))).toMatchObject({
    displayInfo: [{ type: 'vnc', port: '5900', ipAddress: '10.0.0.7' }],
  });
  expect(await world.stats(await world.boot(2))).not.toHaveProperty('displayInfo');
});
