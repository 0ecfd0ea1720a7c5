import { describe, expect, test } from '@jest/globals';
import type { MemoryDevice } from '../../src/domain-xml/types.ts';
import { baseOf, deviceKey, deviceOf, isAbout, isSameDevice } from '../../src/memory/identity.ts';
import { dimm, mib } from './domains.ts';
import { namelessPlug, plug, resize, unplug } from './operations.ts';

const [HERE, THERE] = ['0x100000000', '0x140000000'];
const at = (base?: string, device: MemoryDevice = dimm(128, 'dimm0')): MemoryDevice => ({
  ...device,
  ...(base !== undefined && { address: { slot: 0, base } }),
});

describe('two devices of one alias', () => {
  test('are the same if size and place are the same, or a place is unknown', () => {
    expect(isSameDevice(at(HERE), at(HERE))).toBe(true);
    expect(isSameDevice(at(HERE), at())).toBe(true);
    expect(isSameDevice(at(), at(HERE))).toBe(true);
    expect(isSameDevice(at(), at())).toBe(true);
  });

  test('differ by their size or their place', () => {
    expect(isSameDevice(at(HERE), at(THERE))).toBe(false);
    expect(isSameDevice(at(), dimm(256, 'dimm0'))).toBe(false);
  });
});

test('devices of different aliases are never the same', () => {
  expect(isSameDevice(at(HERE), at(HERE, dimm(128, 'dimm1')))).toBe(false);
});

test('keys differ for devices of another alias, size or place', () => {
  const devices = [
    at(HERE),
    at(THERE),
    at(),
    at(HERE, dimm(256, 'dimm0')),
    at(HERE, dimm(128, 'dimm1')),
    dimm(128),
  ];
  expect(new Set(devices.map(deviceKey)).size).toBe(devices.length);
  expect(deviceKey(at(HERE))).toBe(deviceKey(at(HERE)));
});

test('keys are as they were stored, with what separates alias, size and place', () => {
  expect(deviceKey(at(HERE))).toBe('dimm0 131072 0x100000000');
  expect(deviceKey(dimm(128))).toBe(' 131072 ');
});

test('the place of a device is recorded if it is known', () => {
  expect(baseOf(at(HERE))).toStrictEqual({ base: HERE });
  expect(baseOf(at())).toStrictEqual({});
  expect(baseOf({ ...at(), address: { slot: 1 } })).toStrictEqual({});
  expect(baseOf(undefined)).toStrictEqual({});
});

describe('a plug or an unplug', () => {
  test.each([plug, unplug])('is about a device of its alias and size', (step) => {
    expect(isAbout(step(), at(HERE))).toBe(true);
    expect(isAbout(step({ alias: 'dimm1' }), at(HERE))).toBe(false);
    expect(isAbout(step({ size: mib(256) }), at(HERE))).toBe(false);
  });

  test.each([plug, unplug])('is not about a device at another place', (step) => {
    expect(isAbout(step({ base: HERE }), at(HERE))).toBe(true);
    expect(isAbout(step({ base: HERE }), at())).toBe(true);
    expect(isAbout(step({ base: HERE }), at(THERE))).toBe(false);
  });

  test('without an alias is about no device, not even one without an alias', () => {
    expect(isAbout(namelessPlug(), at())).toBe(false);
    expect(isAbout(namelessPlug(), dimm(128))).toBe(false);
  });
});

test('a resize is about the device of its alias, whatever size that has', () => {
  expect(isAbout(resize(), at(HERE, dimm(4096, 'virtiomem0')))).toBe(true);
  expect(isAbout(resize(), at(HERE))).toBe(false);
});

describe('the device of a step', () => {
  const other = at(HERE, dimm(128, 'dimm1'));

  test('is found among the devices of the domain', () => {
    expect(deviceOf([other, at(HERE)], unplug({ base: HERE }))).toEqual(at(HERE));
  });

  test('is gone even if another device has its alias now', () => {
    expect(deviceOf([other, at(THERE)], unplug({ base: HERE }))).toBeUndefined();
    expect(deviceOf([], plug())).toBeUndefined();
  });
});
