import { describe, expect, test } from '@jest/globals';
import { KiB, Seconds } from '../../../src/common/units.ts';
import type { HostPressure } from '../../../src/host/pressure/hostPressure.ts';
import { hostFigures } from '../../../src/policy/loop/hostFigures.ts';

const pressure: HostPressure = {
  total: KiB(1000),
  capacity: KiB(700),
  free: KiB(400),
  available: KiB(300),
  fileBacked: KiB(0),
  shareable: KiB(0),
  stall: 1.5,
  hugepages: [],
  nodes: [],
};

const figures = (changes: Partial<HostPressure> = {}, algorithm: 'mom' | 'adaptive' = 'adaptive') =>
  hostFigures({ ...pressure, ...changes }, { algorithm, time: Seconds(5), held: KiB(350) });

test('what is reserved is not there', () => {
  expect(figures()).toEqual({ time: 5, total: 700, free: 50, available: 0, stall: 1.5 });
});

test('what is unknown stays unknown', () => {
  const { total, capacity, fileBacked, shareable, hugepages, nodes } = pressure;
  const known = { total, capacity, fileBacked, shareable, hugepages, nodes };
  const context = { algorithm: 'adaptive', time: Seconds(5), held: KiB(0) } as const;
  expect(hostFigures(known, context)).toEqual({ time: 5, total: 700 });
});

describe("MoM's total", () => {
  test('includes huge pages', () => {
    expect(figures({}, 'mom')).toMatchObject({ total: 1000 });
  });

  test('is at most the limit of the guests', () => {
    const limit = { path: '/max', limit: KiB(600), used: KiB(0) };
    expect(figures({ limit }, 'mom')).toMatchObject({ total: 600 });
  });
});
