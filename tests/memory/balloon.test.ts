import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDomain } from '../../src/domain-xml/parse.ts';
import {
  balloonableMemory,
  balloonCurrent,
  carriedTarget,
  clampTarget,
  usableMemory,
  virtioMemRequested,
  wholeMiB,
} from '../../src/memory/balloon.ts';
import type { MemoryDevice } from '../../src/domain-xml/types.ts';
import { KiB } from '../../src/common/units.ts';
import { dimms, mib, virtioMem, vmWith } from './domains.ts';
import { assertProperty } from '../support/property.ts';

const size = fc.integer({ min: 0, max: 2 ** 40 }).map(KiB);
const range = fc.record({ floor: size, memory: size });

test('a wish within the range is the target, without a reason', () => {
  const limits = { floor: KiB(512), guaranteed: KiB(512), memory: KiB(1024) };
  for (const wish of [512, 700, 1024]) {
    expect(clampTarget(KiB(wish), limits)).toEqual({ target: wish });
  }
});

test('a wish outside the range is clamped to its limit, with a reason that names the limit', () => {
  const limits = { floor: KiB(512), guaranteed: KiB(512), memory: KiB(1024) };
  expect(clampTarget(KiB(511), limits)).toEqual({
    target: 512,
    bound: 'guarantee',
    reason: expect.stringMatching(
      /^512 KiB are guaranteed .* lower that with VM.setGuaranteedMemory/,
    ),
  });
  expect(clampTarget(KiB(1025), limits)).toEqual({
    target: 1024,
    bound: 'memory',
    reason: expect.stringContaining('1024 KiB at most'),
  });
});

test('a wish below the default floor is clamped to it, with a reason that names what can lower it', () => {
  const limits = { floor: KiB(512), memory: KiB(1024) };
  expect(clampTarget(KiB(100), limits)).toEqual({
    target: 512,
    bound: 'floor',
    reason: expect.stringMatching(/^512 KiB are the least .*floor_mib.*VM.setGuaranteedMemory/),
  });
});

test('no VM is left with nothing, and the reason says that this is not its floor', () => {
  expect(clampTarget(KiB(0), { floor: KiB(0), memory: KiB(1024) })).toEqual({
    target: 1,
    bound: 'floor',
    reason: '1 KiB is the least that any VM is left',
  });
});

test('a target never exceeds the memory, nor falls below a floor that the memory can keep', () => {
  assertProperty(
    fc.property(size, range, (wish, { floor, memory }) => {
      const { target, reason, bound } = clampTarget(wish, { floor, memory });
      expect(target).toBeLessThanOrEqual(memory);
      expect(target).toBeGreaterThanOrEqual(Math.min(floor, memory));
      expect(reason === undefined).toBe(target === wish);
      expect(bound === undefined).toBe(target === wish);
    }),
  );
});

test('a target that was clamped is not changed by clamping it again', () => {
  assertProperty(
    fc.property(size, range, (wish, limits) => {
      const { target } = clampTarget(wish, limits);
      expect(clampTarget(target, limits)).toEqual({ target });
    }),
  );
});

test('a change of memory keeps the size of the balloon as long as the floor allows', () => {
  assertProperty(
    fc.property(size, size, size, (before, after, balloon) => {
      const inflated = KiB(Math.min(balloon, before));
      const limits = { floor: KiB(0), memory: after };
      const target = carriedTarget(KiB(before - inflated), before, limits);
      // libvirt refuses a target of 0
      expect(after - target).toBe(Math.min(inflated, Math.max(0, after - 1)));
    }),
  );
});

test('a VM at its maximum stays at its maximum', () => {
  assertProperty(
    fc.property(size, range, (before, after) => {
      expect(carriedTarget(before, before, after)).toBe(after.memory);
    }),
  );
});

test('a carried target keeps the floor', () => {
  const after = { floor: KiB(900), memory: KiB(1000) };
  expect(carriedTarget(KiB(1000), KiB(1500), after)).toBe(900);
});

test('a balloon acts on RAM and DIMMs, and on no other memory device', () => {
  const device = (model: string): string =>
    `<memory model='${model}'><target><size unit='KiB'>1024</size></target></memory>`;
  const domain = parseDomain(`<domain type='kvm'><name>x</name>
    <uuid>00000000-0000-4000-8000-000000000001</uuid><memory>10240</memory>
    <devices>${['dimm', 'nvdimm', 'virtio-mem', 'dimm'].map(device).join('')}</devices></domain>`);
  expect(balloonableMemory(domain)).toBe(8192);
});

test("the balloon's size and the usable memory count what virtio-mem provides now", () => {
  const [device] = virtioMem({ size: 1024, requested: 512 });
  const given = { block: mib(2), requested: mib(512), current: mib(256) };
  const devices = [...dimms(128), { ...device, virtioMem: given } as MemoryDevice];
  const domain = vmWith(devices, { currentMemory: mib(1024 + 128 - 100 + 256) });
  expect(usableMemory(domain)).toBe(mib(1024 + 128 + 256));
  expect(balloonCurrent(domain)).toBe(mib(1024 + 128 - 100));
  expect(balloonCurrent({ ...domain, currentMemory: mib(0) })).toBe(0);
});

test('memory is rounded down to whole MiB', () => {
  expect([0, 1023, 1024, 2047].map((n) => wholeMiB(KiB(n)))).toEqual([0, 0, 1024, 1024]);
});

test('virtio-mem devices are to provide what is requested of each', () => {
  const devices = [
    ...dimms(128),
    ...virtioMem({ size: 1024, requested: 512 }),
    ...virtioMem({ size: 256, requested: 64 }),
  ];
  expect(virtioMemRequested(devices)).toBe(mib(576));
  expect(virtioMemRequested(dimms(128))).toBe(0);
});
