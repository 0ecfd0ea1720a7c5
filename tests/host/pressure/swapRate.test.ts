import { expect, test } from '@jest/globals';
import { readSwapped, SwapRate } from '../../../src/host/pressure/swapRate.ts';
import { KiB, Milliseconds } from '../../../src/common/units.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const swapped = (swapIn: number, swapOut: number) => ({
  swapIn: KiB(swapIn),
  swapOut: KiB(swapOut),
});

test('reads pages as KiB', () => {
  expect(readSwapped('pgpgin 5\npswpin 10\npswpout 3\n', KiB(4))).toEqual(swapped(40, 12));
});

test.each(['', 'pswpin 10\n', 'pswpin x\npswpout 1\n'])('knows nothing of %j', (text) => {
  expect(readSwapped(text, KiB(4))).toBeUndefined();
});

test('the rate is that of the last 10 s', async () => {
  const clock = new VirtualClock();
  const rate = new SwapRate(clock);
  expect(rate.after(swapped(0, 0))).toBeUndefined();
  await clock.advance(Milliseconds(5000));
  expect(rate.after(swapped(5000, 0))).toEqual({ in: 1000, out: 0 });
  await clock.advance(Milliseconds(5000));
  expect(rate.after(swapped(5000, 100))).toEqual({ in: 500, out: 10 });
  await clock.advance(Milliseconds(5000));
  expect(rate.after(swapped(5000, 100))).toEqual({ in: 0, out: 10 });
});

test('after a longer time, the rate is that since the last call', async () => {
  const clock = new VirtualClock();
  const rate = new SwapRate(clock);
  rate.after(swapped(0, 0));
  await clock.advance(Milliseconds(60_000));
  expect(rate.after(swapped(6000, 0))).toEqual({ in: 100, out: 0 });
});

test('counters that fall are of another boot, and no rate', async () => {
  const clock = new VirtualClock();
  const rate = new SwapRate(clock);
  rate.after(swapped(100, 100));
  await clock.advance(Milliseconds(1000));
  expect(rate.after(swapped(0, 0))).toEqual({ in: 0, out: 0 });
});
