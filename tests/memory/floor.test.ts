import { expect, test } from '@jest/globals';
import { KiB, MiB } from '../../src/common/units.ts';
import { floorOf } from '../../src/memory/floor.ts';
import { mib } from './domains.ts';

const policy = { floor: MiB(128), floorPercent: 10, external: false };
const vm = (memory: KiB) => ({ memory, guaranteed: undefined, autodeflate: true });

test.each([
  [384, 128],
  [1024, 128],
  [2048, 204],
  [65_536, 6553],
  [100, 100],
])('a VM of %i MiB without a guarantee is left %i MiB', (memory, floor) => {
  expect(floorOf(vm(mib(memory)), policy)).toBe(mib(floor));
});

test.each([
  [384, 128],
  [1024, 204],
  [4096, 819],
])('a VM of %i MiB without autodeflate is left %i MiB', (memory, floor) => {
  expect(floorOf({ ...vm(mib(memory)), autodeflate: false }, policy)).toBe(mib(floor));
});

test.each([0, 1, 64, 900])('a guarantee of %i MiB is the floor, also a lower one', (guaranteed) => {
  expect(floorOf({ ...vm(mib(1024)), guaranteed: mib(guaranteed) }, policy)).toBe(mib(guaranteed));
});

test('the floor is a whole number of MiB, as clients read the memory', () => {
  expect(floorOf(vm(KiB(100 * 1024 + 7)), policy)).toBe(mib(100));
});

test('the policy sets the least memory and the least part', () => {
  const other = { ...policy, floor: MiB(300), floorPercent: 50 };
  expect(floorOf(vm(mib(512)), other)).toBe(mib(300));
  expect(floorOf(vm(mib(4096)), other)).toBe(mib(2048));
});
