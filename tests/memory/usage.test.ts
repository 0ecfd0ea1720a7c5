import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { usageOf } from '../../src/memory/usage.ts';
import { KiB } from '../../src/common/units.ts';
import { assertProperty } from '../support/property.ts';

const GIB = 1024 ** 2;
/** Figures in KiB of a guest of `memory` KiB, whose balloon held at its report what it holds now unless given. */
const usage = (
  memory: number,
  { least, most, ...figures }: Record<string, number>,
  autodeflate = true,
) => {
  const held = memory - (figures['current'] ?? memory);
  const heldAtReport = { least: KiB(least ?? held), most: KiB(most ?? held) };
  return usageOf(KiB(memory), autodeflate, { ...figures, heldAtReport });
};

describe('used', () => {
  test('excludes usable memory if the driver reports it', () => {
    const figures = { current: 4 * GIB, available: 4_000_000, usable: 3_000_000, unused: 500_000 };
    expect(usage(4 * GIB, figures).used).toBe(1_000_000);
  });

  test('excludes unused memory otherwise', () => {
    const figures = { current: 4 * GIB, available: 4_000_000, unused: 500_000 };
    expect(usage(4 * GIB, figures).used).toBe(3_500_000);
  });

  test('counts a guest whose usable memory is 0 as full, not as unknown', () => {
    const figures = { current: 4 * GIB, available: 4_000_000, usable: 0, unused: 500_000 };
    expect(usage(4 * GIB, figures).used).toBe(4_000_000);
  });

  test('excludes what the balloon holds if the guest counts that', () => {
    const figures = {
      current: 2 * GIB,
      available: 4_000_000,
      usable: 4_000_000 - 2 * GIB - 700_000,
    };
    expect(usage(4 * GIB, figures).used).toBe(700_000);
  });

  test.each([
    ['autodeflate, but a driver that does not know it', true],
    ['no autodeflate', false],
  ])('is unchanged if the guest counts less than the balloon leaves: %s', (_, autodeflate) => {
    const figures = { current: 2 * GIB, available: 2_000_000, usable: 1_300_000 };
    expect(usage(4 * GIB, figures, autodeflate).used).toBe(700_000);
  });

  test('excludes what the balloon holds also without autodeflate, if the guest counts more than is left', () => {
    const told = { current: 2 * GIB, available: 2 * GIB, usable: 1_300_000 };
    expect(usage(4 * GIB, told, false).used).toBe(2 * GIB - 1_300_000);
    const more = { ...told, available: 2 * GIB + 1, usable: 1 };
    expect(usage(4 * GIB, more, false).used).toBe(0);
    const much = { ...told, available: 3 * GIB, usable: 300_000 };
    expect(usage(4 * GIB, much, false).used).toBe(GIB - 300_000);
  });

  test('excludes what the balloon holds with autodeflate, if the rest is what a kernel reserves', () => {
    const held = 100_000;
    const reserve = (4 * GIB) / 8 + 64 * 1024;
    const told = { current: 4 * GIB - held, usable: 1_000_000 };
    const used = (available: number) => usage(4 * GIB, { ...told, available }).used;
    expect(used(4 * GIB - reserve)).toBe(4 * GIB - reserve - 1_000_000 - held);
    expect(used(4 * GIB - reserve - 1)).toBe(4 * GIB - reserve - 1 - 1_000_000);
  });

  test('excludes what the balloon held at the report, not what it holds now', () => {
    const told = { available: 4_000_000, usable: 2_000_000 };
    expect(usage(4 * GIB, { ...told, current: 2 * GIB, least: 0, most: 0 })).toMatchObject({
      used: 2_000_000,
      allocated: 2 * GIB,
      balloonHeld: 2 * GIB,
    });
  });
});

describe('while the balloon moves', () => {
  const told = { current: 2 * GIB, available: 4_000_000 };

  test('used is in the middle if both ends are within a tenth of it', () => {
    const figures = { ...told, usable: 2_000_000, least: 1_000_000, most: 1_150_000 };
    const { used = NaN } = usage(4 * GIB, figures);
    expect(used).toBeGreaterThan(850_000);
    expect(used).toBeLessThan(1_000_000);
  });

  test('used is given if both ends are just a tenth off', () => {
    const figures = { ...told, usable: 2_000_000, least: 900_000, most: 1_100_000 };
    expect(usage(4 * GIB, figures).used).toBe(990_000);
  });

  test('used is absent if it may be off by more, and the reason says so', () => {
    const figures = { ...told, usable: 2_000_000, least: 1_000_000, most: 1_300_000 };
    expect(usage(4 * GIB, figures)).toEqual({
      allocated: 2 * GIB,
      balloonHeld: 2 * GIB,
      reason: expect.stringContaining('the balloon is moving'),
    });
  });

  test('used is given for a guest that does not count the balloon, wherever that stands', () => {
    const figures = { current: GIB, available: 900_000, usable: 300_000 };
    const moving = { least: 2_500_000, most: 3 * GIB };
    expect(usage(4 * GIB, { ...figures, ...moving }, false).used).toBe(600_000);
  });

  test('used is absent for a guest that may count the balloon or not', () => {
    const figures = { current: GIB, available: 1_500_000, usable: 300_000 };
    const moving = { least: 0, most: 3 * GIB };
    expect(usage(4 * GIB, { ...figures, ...moving }, false).used).toBeUndefined();
  });

  test('used is absent if nothing is known of the balloon at the report', () => {
    const figures = { current: KiB(2 * GIB), available: KiB(4_000_000), usable: KiB(2_000_000) };
    expect(usageOf(KiB(4 * GIB), true, figures).reason).toContain('not known');
  });
});

test('allocated, held and resident are known also without a report of the guest', () => {
  expect(usage(4 * GIB, { current: 3 * GIB, rss: 700_000 })).toEqual({
    allocated: 3 * GIB,
    balloonHeld: GIB,
    resident: 700_000,
    reason: expect.stringContaining('driver'),
  });
});

test('without figures every value is absent', () => {
  expect(usage(4 * GIB, {})).toEqual({ reason: expect.any(String) });
  expect(usage(4 * GIB, { available: 4_000_000 })).toEqual({
    reason: 'the guest reports neither usable nor unused memory',
  });
  expect(usage(4 * GIB, { usable: 1 })).toEqual({ reason: expect.stringContaining('driver') });
});

test('for any figures, used lies between 0 and the memory, or is absent with a reason', () => {
  const size = fc.option(fc.nat(2 ** 31 - 1).map(KiB), { nil: undefined });
  const any = fc.record({
    current: size,
    heldAtReport: fc.option(
      fc.record({ least: fc.nat(GIB).map(KiB), most: fc.nat(GIB).map(KiB) }),
      {
        nil: undefined,
      },
    ),
    available: size,
    unused: size,
    usable: size,
    rss: size,
  });
  assertProperty(
    fc.property(fc.nat(2 ** 31 - 1).map(KiB), fc.boolean(), any, (memory, autodeflate, figures) => {
      const { used, reason, balloonHeld } = usageOf(memory, autodeflate, figures);
      expect(used === undefined).toBe(reason !== undefined);
      if (used !== undefined) {
        expect(used).toBeGreaterThanOrEqual(0);
        expect(used).toBeLessThanOrEqual(memory);
      }
      expect(balloonHeld ?? 0).toBeGreaterThanOrEqual(0);
      expect(balloonHeld ?? 0).toBeLessThanOrEqual(memory);
    }),
  );
});

test('a balloon that grows by unused memory does not change used', () => {
  // A guest that counts the balloon as its own: only its free memory shrinks.
  assertProperty(
    fc.property(fc.nat(GIB), fc.nat(GIB), fc.nat(64 * 1024), (used, held, reserve) => {
      const memory = 4 * GIB;
      const figures = {
        current: memory - held,
        available: memory - reserve,
        usable: memory - reserve - used - held,
      };
      expect(usage(memory, figures).used).toBe(used);
    }),
  );
});
