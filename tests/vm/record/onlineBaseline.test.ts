import { describe, expect, test } from '@jest/globals';
import { KiB, Milliseconds } from '../../../src/common/units.ts';
import { OnlineBaseline } from '../../../src/vm/record/onlineBaseline.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const START = Date.UTC(2026, 0);
const TOTAL = { available: KiB(1000), held: KiB(10) };

function open() {
  const clock = new VirtualClock();
  return { clock, baseline: new OnlineBaseline(clock) };
}

describe("the guest's total", () => {
  test('is unknown until it is set', () => {
    const { baseline } = open();
    expect([baseline.total, baseline.changedAt]).toEqual([undefined, 0]);
    baseline.set(TOTAL);
    expect([baseline.total, baseline.changedAt]).toEqual([TOTAL, 0]);
    baseline.set(undefined);
    expect(baseline.total).toBeUndefined();
  });

  test('follows what changes for other reasons than plugged devices, but not below 0', () => {
    const { baseline } = open();
    baseline.set(TOTAL);
    baseline.adjust(-200, true);
    expect(baseline.total).toEqual({ available: 800, held: 10 });
    baseline.adjust(50, false);
    expect(baseline.total).toEqual({ available: 850, held: 10 });
    baseline.adjust(-1200, true);
    expect(baseline.total).toEqual({ available: 0, held: 10 });
  });

  test('stays if devices came or went without a change of it', () => {
    const { baseline } = open();
    baseline.set(TOTAL);
    baseline.adjust(0, true);
    expect(baseline.total).toBe(TOTAL);
  });

  test('stays unknown, whatever changes', () => {
    const { baseline } = open();
    baseline.adjust(-200, true);
    expect(baseline.total).toBeUndefined();
  });
});

test('reports from before memory last came or went are too old', async () => {
  const { clock, baseline } = open();
  await clock.advance(Milliseconds(5000));
  baseline.adjust(0, false);
  expect(baseline.changedAt).toBe(0);
  baseline.adjust(0, true);
  expect(baseline.changedAt).toBe(START + 5000);
  await clock.advance(Milliseconds(5000));
  baseline.adjust(64, false);
  expect(baseline.changedAt).toBe(START + 10_000);
});

test('another boot of the guest forgets the total, and all reports from before it are too old', async () => {
  const { clock, baseline } = open();
  baseline.set(TOTAL);
  await clock.advance(Milliseconds(5000));
  baseline.restart();
  expect([baseline.total, baseline.changedAt]).toEqual([undefined, START + 5000]);
});

test('after a restart of vmemd reports from before it are too old only if there is a total', async () => {
  const { clock, baseline } = open();
  await clock.advance(Milliseconds(5000));
  baseline.resume(undefined);
  expect([baseline.total, baseline.changedAt]).toEqual([undefined, 0]);
  baseline.resume(TOTAL);
  expect([baseline.total, baseline.changedAt]).toEqual([TOTAL, START + 5000]);
  baseline.resume(undefined);
  expect([baseline.total, baseline.changedAt]).toEqual([undefined, 0]);
});
