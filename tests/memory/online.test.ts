import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type GuestTotal, seenBeyond, seenOnline, type Unseen } from '../../src/memory/online.ts';
import { KiB } from '../../src/common/units.ts';
import { mib, sum } from './domains.ts';
import { assertProperty } from '../support/property.ts';

const total = (available: number, held = 0): GuestTotal => ({
  available: mib(available),
  held: mib(held),
});
const waiting = (alias: string, size: number): Unseen => ({ alias, size: mib(size), isDue: false });
const due = (alias: string, size: number): Unseen => ({ ...waiting(alias, size), isDue: true });
/** Memory of a VM that no total of these tests comes near. */
const ample = KiB(Number.MAX_SAFE_INTEGER);
const seen = (before: GuestTotal, now: GuestTotal, ...devices: Unseen[]) =>
  Object.fromEntries(
    seenOnline(before, now, devices, ample).verdicts.map(({ alias, state }) => [alias, state]),
  );

test('a device is online once the total has grown by most of it', () => {
  expect(seen(total(1000), total(1128), waiting('a', 128))).toEqual({ a: 'online' });
  expect(seen(total(1000), total(1126), waiting('a', 128))).toEqual({ a: 'online' });
  expect(seen(total(1000), total(1112), waiting('a', 128))).toEqual({ a: 'online' });
});

test('a device that does not show has no verdict until it is due, then it is not online', () => {
  expect(seen(total(1000), total(1000), waiting('a', 128))).toEqual({});
  expect(seen(total(1000), total(1111), waiting('a', 128))).toEqual({});
  expect(seen(total(1000), total(1111), due('a', 128))).toEqual({ a: 'not-online' });
  expect(seen(total(1000), total(900), due('a', 128))).toEqual({ a: 'not-online' });
});

test('of several devices the older ones count as online first', () => {
  const devices = [waiting('a', 128), due('b', 256)];
  expect(seen(total(1000), total(1128), ...devices)).toEqual({ a: 'online', b: 'not-online' });
  expect(seen(total(1000), total(1384), ...devices)).toEqual({ a: 'online', b: 'online' });
});

test('a device larger than the growth does not hide a smaller one after it', () => {
  expect(seen(total(1000), total(1128), waiting('a', 256), waiting('b', 128))).toEqual({
    b: 'online',
  });
});

test('the tables that a kernel keeps of a large device do not make a small one after it online', () => {
  const devices = [due('large', 16384), due('small', 128)];
  const tables = 16384 / 64 + 2;
  expect(seen(total(1000), total(1000 + 16384 + 128 - tables), ...devices)).toEqual({
    large: 'online',
    small: 'unverified',
  });
  expect(seen(total(1000), total(1000 + 16384 - 256), ...devices)).toEqual({
    large: 'online',
    small: 'not-online',
  });
});

describe('a balloon that changed meanwhile', () => {
  test.each([
    ['grew in a guest that counts what it holds', total(1000, 0), total(1128, 200), 'online'],
    ['grew in a guest that does not', total(1000, 0), total(928, 200), 'unverified'],
    ['shrank in a guest that counts what it holds', total(1000, 200), total(1128, 0), 'unverified'],
    ['shrank in a guest that does not', total(800, 200), total(1128, 0), 'online'],
    ['shrank while nothing came online', total(800, 200), total(1000, 0), 'unverified'],
    ['grew while nothing came online', total(1000, 0), total(800, 200), 'not-online'],
    ['did not move at all', total(800, 200), total(928, 200), 'online'],
  ])('%s', (_, before, now, state) => {
    expect(seen(before, now, due('a', 128))).toEqual({ a: state });
  });
});

test('where the balloon hides the growth, a total above the memory without the device shows its use', () => {
  const stateWith = (memory: number, before: GuestTotal, now: GuestTotal) =>
    seenOnline(before, now, [due('a', 256)], mib(memory)).verdicts.map(({ state }) => state);
  expect(stateWith(1280, total(960, 256), total(1216))).toEqual(['online']);
  expect(stateWith(1536, total(960, 256), total(1216))).toEqual(['unverified']);
  expect(stateWith(1280, total(1000), total(1100, 200))).toEqual(['online']);
  expect(stateWith(1536, total(1000), total(1100, 200))).toEqual(['unverified']);
});

test('where a device can just be online, or just not, that is unverified', () => {
  const found = seenOnline(total(1000), total(1000, 112), [due('a', 128)], mib(1128));
  expect(found.verdicts).toEqual([{ alias: 'a', state: 'unverified' }]);
});

describe('the total for the next comparison', () => {
  test('includes the devices found online', () => {
    const { before } = seenOnline(
      total(1000, 64),
      total(1126, 64),
      [waiting('a', 128), waiting('b', 128)],
      ample,
    );
    expect(before).toEqual(total(1126, 64));
    expect(seen(before, total(1252, 64), waiting('b', 128))).toEqual({ b: 'online' });
  });

  test('includes no more than has certainly grown', () => {
    const { before } = seenOnline(total(1000), total(1112, 88), [waiting('a', 128)], ample);
    expect(before).toEqual(total(1112));
  });

  test('is unchanged if none was found online', () => {
    expect(seenOnline(total(1000), total(1064), [due('a', 128)], ample).before).toEqual(
      total(1000),
    );
  });
});

const size = fc.integer({ min: 1, max: 64 }).map((n) => mib(128 * n));
const devices = fc
  .array(fc.record({ size, isDue: fc.boolean() }), { maxLength: 6 })
  .map((all) => all.map((one, n) => ({ ...one, alias: `dimm${String(n)}` })));
const moment = fc
  .record({ available: fc.nat(16 * 1024 ** 2), held: fc.nat(1024 ** 2) })
  .map(({ available, held }) => ({ available: KiB(available), held: KiB(held) }));

test('no more is found online than the total has grown, whether the guest counts its balloon or not', () => {
  assertProperty(
    fc.property(moment, moment, devices, (before, now, all) => {
      const found = seenOnline(before, now, all, ample);
      const online = found.verdicts.filter(({ state }) => state === 'online');
      const sizes = all.filter(({ alias }) => online.some((one) => one.alias === alias));
      const counted = now.available - before.available;
      const growth = Math.max(0, Math.min(counted, counted + now.held - before.held));
      expect(sum(sizes.map((one) => one.size)) * (7 / 8)).toBeLessThanOrEqual(growth);
      expect(found.before.available - before.available).toBeLessThanOrEqual(growth);
      expect(found.before.held).toBe(before.held);
    }),
  );
});

test('each device has one verdict at most, and one that is due has one', () => {
  assertProperty(
    fc.property(moment, moment, devices, (before, now, all) => {
      const told = seenOnline(before, now, all, ample).verdicts.map(({ alias }) => alias);
      expect(new Set(told).size).toBe(told.length);
      for (const { alias, isDue } of all) if (isDue) expect(told).toContain(alias);
    }),
  );
});

test('a guest that brings every device online is never reported as not online, whether it counts its balloon or not', () => {
  assertProperty(
    fc.property(moment, devices, fc.nat(1024 ** 2), fc.boolean(), (before, all, held, counts) => {
      const grown = sum(all.map((one) => one.size));
      const available = before.available + grown - (counts ? 0 : held - before.held);
      const { verdicts } = seenOnline(
        before,
        { available: KiB(available), held: KiB(held) },
        all,
        ample,
      );
      expect(verdicts.map(({ state }) => state)).not.toContain('not-online');
    }),
  );
});

describe('without a total from before', () => {
  const devices = [waiting('a', 128), due('b', 256)];

  test('all devices are online if the guest counts more than the rest of its memory', () => {
    expect(seenBeyond(mib(1024), total(1025), devices)).toEqual([
      { alias: 'a', state: 'online' },
      { alias: 'b', state: 'online' },
    ]);
  });

  test.each([1024, 900])(
    'a total of %i MiB with a rest of 1024 MiB has no verdict',
    (available) => {
      expect(seenBeyond(mib(1024), total(available), devices)).toEqual([]);
    },
  );
});
