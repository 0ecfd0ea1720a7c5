import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { periodToSet, type PeriodPolicy } from '../../src/memory/statsPeriod.ts';
import { Seconds } from '../../src/common/units.ts';
import { assertProperty } from '../support/property.ts';

const s = (n: number | undefined) => (n === undefined ? n : Seconds(n));
const always = 'always';
const nothing: {
  readonly live?: number;
  readonly chosen?: number;
  readonly configured?: number;
  readonly own?: PeriodPolicy['own'];
} = {};
const policy = (period: number, own: PeriodPolicy['own']) => ({ period: Seconds(period), own });

test.each([
  ['a missing period is set', { to: 10 }],
  ['a period that was taken away is set again', { live: 0, to: 10 }],
  ['the right period is left alone', { live: 10, to: undefined }],
  ["somebody else's period is left alone", { live: 5, to: undefined }],
  ["somebody else's period is replaced where all are ours", { live: 5, own: always, to: 10 }],
  ['what a client chose is set', { live: 5, chosen: 30, to: 30 }],
  ["a client's choice is restored if it was changed", { live: 10, chosen: 30, to: 30 }],
  ["a client's choice is restored if it was removed", { live: 0, chosen: 30, to: 30 }],
  ['a client may choose none', { live: 10, chosen: 0, to: 0 }],
  ['a client that chose none is not overruled', { live: 0, chosen: 0, own: always, to: undefined }],
  ['0 sets no period', { configured: 0, to: undefined }],
  ['less than 0 sets no period either', { configured: -5, own: always, to: undefined }],
  ['0 leaves what others chose', { live: 5, configured: 0, to: undefined }],
  [
    '0 removes a period if the policy replaces all',
    { live: 5, configured: -1, own: always, to: 0 },
  ],
] as const)('%s', (_, given) => {
  const { live, chosen, configured = 10, own = 'when-absent', to } = { ...nothing, ...given };
  expect(periodToSet(s(live), s(chosen), policy(configured, own))).toBe(to);
});

test('a period that was set is not set again, and no period below 0 is set', () => {
  const seconds = fc.nat(100);
  const maybe = fc.option(seconds, { nil: undefined });
  const owns = fc.constantFrom<PeriodPolicy['own']>('when-absent', 'always');
  assertProperty(
    fc.property(maybe, maybe, fc.integer({ min: -100, max: 100 }), owns, (live, chosen, p, own) => {
      const period = periodToSet(s(live), s(chosen), policy(p, own));
      if (period === undefined) return;
      expect(period).toBeGreaterThanOrEqual(0);
      expect(period).not.toBe(live ?? 0);
      expect(periodToSet(period, s(chosen), policy(p, own))).toBeUndefined();
    }),
  );
});
