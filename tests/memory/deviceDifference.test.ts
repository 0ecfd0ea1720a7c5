import { describe, expect, test } from '@jest/globals';
import type { MemoryDevice } from '../../src/domain-xml/types.ts';
import { deviceDifference } from '../../src/memory/deviceDifference.ts';
import { dimm, dimms, mib } from './domains.ts';

const virtioMem = (current: number): MemoryDevice => ({
  ...dimm(1024, 'virtiomem0'),
  model: 'virtio-mem',
  virtioMem: { block: mib(2), requested: mib(1024), current: mib(current) },
});
const at = (base: string, device: MemoryDevice): MemoryDevice => ({
  ...device,
  address: { slot: 0, base },
});
const [dimm0, dimm1, dimm2] = dimms(128, 256, 512) as [MemoryDevice, MemoryDevice, MemoryDevice];

describe('the difference between two lists of devices', () => {
  test('is none between equal lists, in whatever order', () => {
    expect(deviceDifference([dimm0, dimm1], [dimm1, dimm0])).toEqual({
      came: [],
      went: [],
      grown: 0,
    });
  });

  test('names the devices that came and those that went', () => {
    expect(deviceDifference([dimm0, dimm1], [dimm1, dimm2])).toEqual({
      came: [dimm2],
      went: [dimm0],
      grown: 0,
    });
  });

  test.each<[string, MemoryDevice, MemoryDevice]>([
    ['at another place', at('0x1', dimm0), at('0x2', dimm0)],
    ['of another size', dimm0, dimm(512, 'dimm0')],
  ])('names both of two devices of one alias, the second %s', (_, before, now) => {
    expect(deviceDifference([before], [now])).toEqual({ came: [now], went: [before], grown: 0 });
  });

  test('does not name a device whose place has become known', () => {
    expect(deviceDifference([dimm0], [at('0x1', dimm0)])).toMatchObject({ came: [], went: [] });
  });

  test('leaves out devices without an alias', () => {
    expect(deviceDifference([dimm(64)], [dimm(32)])).toMatchObject({ came: [], went: [] });
  });
});

test.each([
  [0, 512, 512],
  [512, 128, -384],
])('a virtio-mem device that gave %i MiB and gives %i has grown by %i', (before, now, grown) => {
  expect(deviceDifference([virtioMem(before)], [virtioMem(now)])).toEqual({
    came: [],
    went: [],
    grown: mib(grown),
  });
});

test('what a virtio-mem device gave is gone with it', () => {
  expect(deviceDifference([virtioMem(64)], [])).toMatchObject({ grown: mib(-64) });
});
