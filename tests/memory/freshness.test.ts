import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { freshnessOf, type Report } from '../../src/memory/freshness.ts';
import { Seconds } from '../../src/common/units.ts';
import { Freshness as schema } from '../../schema/freshness.ts';
import { assertProperty } from '../support/property.ts';

const NOW = 1_800_000_000;
const told = (changes: Partial<Report> = {}) =>
  freshnessOf({
    isSampled: true,
    hasDevice: true,
    period: Seconds(10),
    isPaused: false,
    lastUpdate: Seconds(NOW - 4),
    seenFor: Seconds(1),
    hasValues: true,
    now: Seconds(NOW),
    samplingInterval: Seconds(5),
    ...changes,
  });

test.each([
  ['unknown if the hypervisor has not answered', { isSampled: false }, { state: 'unknown' }],
  ['fresh', {}, { state: 'fresh', age: 4 }],
  ['without values', { hasValues: false }, { state: 'no-values', age: 4 }],
  ['stale', { lastUpdate: Seconds(NOW - 31) }, { state: 'stale', age: 31 }],
  [
    'stale, with values or without',
    { lastUpdate: Seconds(1), hasValues: false },
    { state: 'stale', age: NOW - 1 },
  ],
  ['missing if the guest never reported', { lastUpdate: Seconds(0) }, { state: 'never' }],
  ['missing if its time is unknown', { lastUpdate: undefined }, { state: 'never' }],
  [
    'paused with the VM, however old',
    { isPaused: true, lastUpdate: Seconds(1) },
    { state: 'paused' },
  ],
  ['off without a period', { period: Seconds(0) }, { state: 'no-period' }],
  [
    'off without a period, paused or not',
    { period: Seconds(0), isPaused: true },
    { state: 'no-period' },
  ],
  ['impossible without a device', { hasDevice: false, period: Seconds(0) }, { state: 'no-device' }],
])('a report is %s', (_, changes, expected) => {
  expect(told(changes)).toEqual(expected);
});

test('a report at the end of its allowed age is fresh, one interval later it is stale', () => {
  expect(told({ lastUpdate: Seconds(NOW - 30) })).toMatchObject({ state: 'fresh', age: 30 });
  expect(told({ lastUpdate: Seconds(NOW - 31) })).toMatchObject({ state: 'stale', age: 31 });
});

test('a clock that was set back does not make an old report fresh', () => {
  const lastUpdate = Seconds(NOW + 3600);
  expect(told({ lastUpdate, seenFor: Seconds(3) })).toEqual({ state: 'fresh', age: 3 });
  expect(told({ lastUpdate, seenFor: Seconds(31) })).toEqual({ state: 'stale', age: 31 });
});

test('for any input, the state is one of the contract, and only reports have an age', () => {
  const states: readonly string[] = schema.properties.state.enum;
  const seconds = fc.integer({ min: -5, max: 2 ** 31 }).map(Seconds);
  const any = fc.record({
    isSampled: fc.boolean(),
    hasDevice: fc.boolean(),
    period: seconds,
    isPaused: fc.boolean(),
    lastUpdate: fc.option(seconds, { nil: undefined }),
    seenFor: fc.nat(3600).map(Seconds),
    hasValues: fc.boolean(),
    now: seconds,
    samplingInterval: fc.integer({ min: 1, max: 3600 }).map(Seconds),
  });
  assertProperty(
    fc.property(any, (report) => {
      const freshness = freshnessOf(report);
      expect(states).toContain(freshness.state);
      const reports = ['fresh', 'stale', 'no-values'].includes(freshness.state);
      expect('age' in freshness).toBe(reports);
      if ('age' in freshness) expect(freshness.age).toBeGreaterThanOrEqual(0);
      // Only a report with values, of a running guest with a period, is fresh.
      if (freshness.state === 'fresh') {
        expect(report).toMatchObject({ hasDevice: true, isPaused: false, hasValues: true });
        expect(report.period).toBeGreaterThan(0);
        expect(report.lastUpdate).toBeTruthy();
      }
    }),
  );
});

test('a report that is not fresh never becomes fresh again', () => {
  const age = fc.nat(1000);
  assertProperty(
    fc.property(age, age, (a, b) => {
      const [young, old] = [Math.min(a, b), Math.max(a, b)];
      const at = (s: number) => told({ lastUpdate: Seconds(NOW - s) }).state;
      if (at(young) === 'stale') expect(at(old)).toBe('stale');
    }),
  );
});
