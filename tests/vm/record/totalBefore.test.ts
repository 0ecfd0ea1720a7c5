import { expect, test } from '@jest/globals';
import { KiB, Milliseconds } from '../../../src/common/units.ts';
import { TotalBefore } from '../../../src/vm/record/totalBefore.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const total = { available: KiB(1000), held: KiB(10) };

test('what the guest counted moves with what changes for other reasons, to nothing at least', () => {
  const before = new TotalBefore(new VirtualClock());
  before.compareWith(total);
  before.allowFor(-200, true);
  expect(before.total).toEqual({ available: 800, held: 10 });
  before.allowFor(-1200, true);
  expect(before.total).toEqual({ available: 0, held: 10 });
});

test('it is nothing where nothing is compared, whatever changes', () => {
  const before = new TotalBefore(new VirtualClock());
  before.allowFor(-200, true);
  expect(before.total).toBeUndefined();
});

test('no report counts from before memory came or went', async () => {
  const clock = new VirtualClock();
  const before = new TotalBefore(clock);
  await clock.advance(Milliseconds(5000));
  before.allowFor(0, false);
  expect(before.changedAt).toBe(0);
  before.allowFor(0, true);
  expect(before.changedAt).toBe(Date.UTC(2026, 0) + 5000);
  await clock.advance(Milliseconds(5000));
  before.allowFor(64, false);
  expect(before.changedAt).toBe(Date.UTC(2026, 0) + 10_000);
});

test('after a restart no report counts from before it, where there is something to compare', async () => {
  const clock = new VirtualClock();
  await clock.advance(Milliseconds(5000));
  const before = new TotalBefore(clock);
  before.resume(undefined);
  expect(before.changedAt).toBe(0);
  before.resume(total);
  expect([before.total, before.changedAt]).toEqual([total, Date.UTC(2026, 0) + 5000]);
});
