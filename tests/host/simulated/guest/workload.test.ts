import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB, Milliseconds, Seconds } from '../../../../src/common/units.ts';
import {
  rebooted,
  withCurrentWorkingSet,
  withTarget,
  withWorkload,
} from '../../../../src/host/simulated/guest/actions.ts';
import { advance } from '../../../../src/host/simulated/guest/advance.ts';
import { ordinary } from '../../../../src/host/simulated/guest/behaviour.ts';
import { type Guest, powerOn } from '../../../../src/host/simulated/guest/guest.ts';
import { current, residentOnHost } from '../../../../src/host/simulated/guest/guestMemory.ts';
import { quiet, type Workload } from '../../../../src/host/simulated/guest/workload.ts';
import { assertProperty } from '../../../support/property.ts';
import { GIB, MIB } from '../support.ts';

const guestOf = (workingSet: number, workload: Partial<Workload> = {}): Guest =>
  powerOn({
    behaviour: ordinary,
    seed: 5,
    bornAt: Milliseconds(0),
    vcpus: 1,
    cpuTimeBefore: 0,
    hasBalloon: true,
    autodeflate: false,
    bootMemory: KiB(GIB),
    dimms: [],
    virtioMems: [],
    requested: KiB(0),
    period: Seconds(1),
    workingSet: KiB(workingSet),
    workload: { ...quiet, ...workload },
  });

const at = (guest: Guest, seconds: number): Guest =>
  advance(guest, Milliseconds(seconds * 1000)).guest;

const PLENTY = 60;

describe('a guest with a workload', () => {
  test('touches memory at its rate', () => {
    const guest = at(guestOf(500 * MIB, { touchRate: KiB(10 * MIB) }), 13);
    expect(guest.contents?.used).toBe(100 * MIB);
  });

  test('fills its free memory with page cache, which counts as usable', () => {
    const { report } = at(guestOf(200 * MIB, { streamRate: KiB(100 * MIB) }), PLENTY);
    expect(report?.unused).toBe(0);
    expect(report?.usable).toBeGreaterThan(600 * MIB);
  });

  test('gives page cache to the balloon before it swaps', () => {
    const full = at(guestOf(200 * MIB, { streamRate: KiB(100 * MIB) }), PLENTY);
    const squeezed = at(withTarget(full, KiB(400 * MIB)), PLENTY + 20);
    expect(squeezed.swapOut).toBe(0);
    expect(squeezed.contents?.streamed).toBeLessThan(200 * MIB);
  });

  test('swaps what does not fit, and uses some of it again all the time', () => {
    const squeezed = at(withTarget(at(guestOf(600 * MIB), PLENTY), KiB(400 * MIB)), PLENTY + 20);
    const later = at(squeezed, PLENTY + 80);
    expect(squeezed.contents?.swapped).toBeGreaterThan(200 * MIB);
    expect(later.swapIn - squeezed.swapIn).toBeGreaterThan(100 * MIB);
    expect(later.report?.majorFaults).toBeGreaterThan(squeezed.report?.majorFaults ?? Infinity);
  });

  test('takes back what it has swapped when the balloon returns memory', () => {
    const squeezed = at(withTarget(at(guestOf(600 * MIB), PLENTY), KiB(400 * MIB)), PLENTY + 20);
    const relieved = at(withTarget(squeezed, KiB(GIB)), PLENTY + 600);
    expect(relieved.contents?.swapped).toBeLessThan(MIB);
  });

  test('reads files again that it had to drop', () => {
    const files = { files: KiB(500 * MIB), readRate: KiB(100 * MIB) };
    const warm = at(guestOf(100 * MIB, files), 200);
    const squeezed = at(withTarget(warm, KiB(400 * MIB)), 260);
    expect(warm.contents?.refaulted).toBeLessThan(500 * MIB);
    expect(squeezed.contents?.refaulted).toBeGreaterThan((warm.contents?.refaulted ?? 0) + GIB);
  });

  test('occupies what it touched once until the balloon takes it', () => {
    const churned = at(guestOf(100 * MIB, { churnRate: KiB(50 * MIB) }), PLENTY);
    expect(residentOnHost(churned)).toBeGreaterThan(0.95 * GIB);
    const squeezed = at(withTarget(churned, KiB(500 * MIB)), PLENTY + 20);
    expect(residentOnHost(squeezed)).toBeLessThan(540 * MIB);
  });

  test('starts empty after a reboot', () => {
    const guest = at(rebooted(at(guestOf(500 * MIB), PLENTY)), PLENTY + 2);
    expect(guest.contents?.used).toBe(0);
    expect(guest.workload).toEqual(quiet);
  });
});

test('a guest without a workload can be given one', () => {
  const bare = { ...guestOf(100 * MIB) };
  delete bare.workload;
  delete bare.contents;
  const guest = at(withWorkload(bare, { streamRate: KiB(10 * MIB) }), PLENTY);
  expect(guest.contents?.streamed).toBeGreaterThan(400 * MIB);
});

test('one long advance and many short ones give the same contents, whose parts fit into its memory', () => {
  const size = fc.integer({ min: 0, max: GIB }).map(KiB);
  const workload = fc.record({ files: size, readRate: size, streamRate: size, churnRate: size });
  assertProperty(
    fc.property(workload, size, size, size, (kind, before, after, target) => {
      const act = (guest: Guest): Guest =>
        withTarget(withCurrentWorkingSet(guest, after), KiB(Math.max(target, 64 * MIB)));
      const once = at(act(at(guestOf(before, kind), 20)), 40);
      let often = guestOf(before, kind);
      for (let time = 0.3; time < 20; time += 0.7) often = at(often, time);
      often = act(at(often, 20));
      for (let time = 20.1; time < 40; time += 1.3) often = at(often, time);
      expect(at(often, 40).contents).toEqual(once.contents);
      const { used = 0, swapped = 0, cached = 0, streamed = 0, backed = 0 } = once.contents ?? {};
      for (const part of [used - swapped, swapped, cached, streamed]) {
        expect(part).toBeGreaterThanOrEqual(-1e-6);
      }
      expect(used - swapped + cached + streamed).toBeLessThanOrEqual(current(once) + 1);
      expect(backed).toBeLessThanOrEqual(current(once) + 1);
    }),
  );
});
