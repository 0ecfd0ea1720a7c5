import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fairParts, type Levelled } from '../../../../src/policy/decide/adaptive/levels.ts';
import { assertProperty } from '../../../support/property.ts';

/** A guest by its levels and its weight; the rest has no influence on the parts. */
const levelled = (
  [floor, bare, need, cap]: readonly [number, number, number, number],
  weight = 1,
): Levelled => ({
  guest: {
    name: 'vm',
    current: cap,
    floor,
    memory: cap,
    weight,
    resident: undefined,
    report: undefined,
  },
  memory: {
    current: cap,
    taken: 0,
    free: 0,
    reserved: 0,
    rise: 0,
    swapped: 0,
    lack: 0,
    warm: 0,
    granted: 0,
    progress: { current: cap, at: 0 },
  },
  isStarving: false,
  isUrgent: false,
  keeps: undefined,
  missing: 0,
  expected: bare,
  floor,
  bare,
  need,
  cap,
});

/** A guest that Proxmox would balloon between its minimum and its maximum, in MB. */
const proxmox = (least: number, most: number, shares: number): Levelled =>
  levelled([least, least, least, most], shares);

describe("Proxmox's vectors, where its limit of 100 MB a step does not bind", () => {
  test.each([
    [90, [1060, 1030]],
    [150, [1100, 1050]],
    [180, [1120, 1060]],
    [270, [1180, 1090]],
  ])('%i MB more', (more, expected) => {
    const guests = [proxmox(1000, 2000, 2000), proxmox(1000, 2000, 1000)];
    expect(fairParts(guests, 2000 + more).map(Math.round)).toEqual(expected);
  });

  test('a guest that is full leaves the rest to the other', () => {
    const guests = [proxmox(2000, 2000, 2000), proxmox(1000, 2000, 1000)];
    expect(fairParts(guests, 3018).map(Math.round)).toEqual([2000, 1018]);
  });
});

test('floors come first, then what is used, then needs, then weights', () => {
  const guests = [levelled([1000, 2000, 3000, 8000], 1), levelled([500, 4000, 5000, 8000], 3)];
  expect(fairParts(guests, 1500)).toEqual([1000, 500]);
  expect(fairParts(guests, 6000)).toEqual([2000, 4000]);
  expect(fairParts(guests, 8000)).toEqual([3000, 5000]);
  expect(fairParts(guests, 12_000)).toEqual([4000, 8000]);
  expect(fairParts(guests, 99_999)).toEqual([8000, 8000]);
});

const size = fc.integer({ min: 0, max: 1e6 });
const guest = fc
  .tuple(size, size, size, size, fc.integer({ min: 1, max: 8 }))
  .map(([a, b, c, d, weight]) => levelled([a, a + b, a + b + c, a + b + c + d], weight));
const guests = fc.array(guest, { minLength: 1, maxLength: 12 });
const amount = fc.integer({ min: 0, max: 3e7 });

test('no part is below the floor or above the cap, and the parts use up the budget', () => {
  assertProperty(
    fc.property(guests, amount, (given, total) => {
      const parts = fairParts(given, total);
      for (const [index, { floor, cap }] of given.entries()) {
        expect(parts[index]).toBeGreaterThanOrEqual(floor);
        expect(parts[index]).toBeLessThanOrEqual(cap + 1e-6);
      }
      const floors = given.reduce((sum, { floor }) => sum + floor, 0);
      const caps = given.reduce((sum, { cap }) => sum + cap, 0);
      const due = Math.max(floors, Math.min(caps, total));
      expect(Math.abs(parts.reduce((sum, part) => sum + part, 0) - due)).toBeLessThan(1);
    }),
  );
});

test('a larger budget leaves nobody with less', () => {
  assertProperty(
    fc.property(guests, amount, amount, (given, total, more) => {
      const before = fairParts(given, total);
      const after = fairParts(given, total + more);
      for (const [index, part] of before.entries()) {
        expect(after[index] ?? 0).toBeGreaterThanOrEqual(part - 1e-3);
      }
    }),
  );
});

test('a guest that claims to need more costs nobody the guarantee, nor what it uses if that is less by weight', () => {
  assertProperty(
    fc.property(guests, amount, (given, total) => {
      const [liar, ...others] = given;
      if (!liar) return;
      const claimed = { ...liar, bare: liar.cap, need: liar.cap };
      const parts = fairParts([claimed, ...others], total);
      const level = (parts[0] ?? 0) / liar.guest.weight;
      for (const [index, { floor, bare, guest: other }] of others.entries()) {
        const part = parts[index + 1] ?? 0;
        expect(part).toBeGreaterThanOrEqual(floor);
        const isRicher = (parts[0] ?? 0) > liar.floor + 1;
        if (isRicher && part < bare - 1) {
          expect(part / other.weight).toBeGreaterThanOrEqual(level - 1);
        }
      }
    }),
  );
});
