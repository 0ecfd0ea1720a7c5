import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MemoryDevice } from '../../src/domain-xml/types.ts';
import { mayStillGo, shrink } from '../../src/memory/shrink.ts';
import { dimm, dimms, virtioMem, mib, setsOf, sum, vmWith } from './domains.ts';
import { assertProperty } from '../support/property.ts';

/** The changes by device, in MiB, in order. */
const shrunk = (devices: readonly MemoryDevice[], decrement: number): unknown => {
  const plan = shrink(vmWith(devices), mib(decrement));
  if ('obstacle' in plan) return plan.obstacle;
  return plan.changes.map((change) => {
    if (change.action === 'plug') return change;
    return change.action === 'unplug' ?
        change.alias
      : `${change.alias}: ${change.from / 1024} to ${change.to / 1024}`;
  });
};

describe('the devices that are unplugged', () => {
  test.each([
    ['two smaller ones where they fit better', dimms(512, 384, 384), 768, ['dimm2', 'dimm1']],
    [
      'two smaller ones that together are just what is wished',
      dimms(768, 512, 512),
      1024,
      ['dimm2', 'dimm1'],
    ],
    ['one rather than two', dimms(256, 128, 128), 256, ['dimm0']],
    ['the youngest of equals', dimms(128, 128, 128), 300, ['dimm2', 'dimm1']],
    ['no DIMM without a name', [...dimms(128), dimm(256)], 256, ['dimm0']],
    [
      'virtio-mem before DIMMs',
      [...virtioMem({ size: 1024, requested: 512 }), ...dimms(256)],
      256,
      ['virtiomem0: 512 to 256'],
    ],
    [
      'virtio-mem with DIMMs where it takes both, and first',
      [...dimms(256), ...virtioMem({ size: 1024, requested: 100 })],
      356,
      ['virtiomem0: 100 to 0', 'dimm0'],
    ],
    [
      'the smaller DIMM where virtio-mem makes up for it',
      [...virtioMem({ size: 1024, requested: 128 }), ...dimms(256, 384)],
      384,
      ['virtiomem0: 128 to 0', 'dimm0'],
    ],
    [
      'of the youngest virtio-mem first',
      virtioMem({ size: 64, requested: 64 }, { size: 64, requested: 64 }),
      81,
      ['virtiomem1: 64 to 0', 'virtiomem0: 64 to 48'],
    ],
    [
      'as much as fits of coarse and fine blocks together',
      [...virtioMem({ size: 512, requested: 512, block: 256 }, { size: 64, requested: 32 })],
      280,
      ['virtiomem1: 32 to 8', 'virtiomem0: 512 to 256'],
    ],
    [
      'more rather than fewer of them, with virtio-mem',
      [...virtioMem({ size: 512, requested: 256, block: 256 }), ...dimms(384, 128, 128)],
      512,
      ['virtiomem0: 256 to 0', 'dimm2', 'dimm1'],
    ],
    [
      'DIMMs instead of virtio-mem where only they fit exactly',
      [...virtioMem({ size: 512, requested: 256, block: 256 }), ...dimms(384, 384)],
      384,
      ['dimm1'],
    ],
  ])('%s', (_, devices, decrement, expected) => {
    expect(shrunk(devices, decrement)).toEqual(expected);
  });
});

describe('a device whose unplug may still complete', () => {
  const devices = [...dimms(256, 128, 128), ...virtioMem({ size: 64, requested: 64 })];
  const shrunkBeside = (decrement: number) => {
    const plan = shrink(vmWith(devices), mib(decrement), new Set(['dimm0']));
    if ('obstacle' in plan) return plan.obstacle;
    return plan.changes.map((change) => (change.action === 'plug' ? '' : change.alias));
  };

  test.each([
    ['is enough', 256, ['dimm0']],
    ['is unplugged once, with others that make up the rest', 512, ['dimm0', 'dimm2', 'dimm1']],
    ['is unplugged again, with what is missing', 448, ['virtiomem0', 'dimm0', 'dimm2']],
    ['is unplugged again if nothing else fits', 257, ['dimm0']],
  ])('%s', (_, decrement, expected) => {
    expect(shrunkBeside(decrement)).toEqual(expected);
  });

  test('is refused as more than the wish', () => {
    expect(shrunkBeside(255)).toBe(
      'the guest may still release dimm0 (256 MiB), requested before, which would leave 1344 MiB; ask for 1344 MiB or less',
    );
  });
});

test('devices whose unplug may still complete are named one by one', () => {
  const awaited = [
    { alias: 'dimm0', size: mib(256) },
    { alias: 'dimm1', size: mib(128) },
  ];
  expect(mayStillGo(awaited, mib(1024))).toEqual({
    text: 'the guest may still release dimm0 (256 MiB), dimm1 (128 MiB), requested before, which would leave 640 MiB',
    left: mib(640),
  });
});

describe('if no device can be unplugged', () => {
  test('each device is named, with what would remain', () => {
    expect(shrunk(dimms(256, 512), 100)).toBe(
      'none of the memory devices fits into the 100 MiB to give back: dimm0 (256 MiB, 1536 MiB would remain), dimm1 (512 MiB, 1280 MiB would remain); ask for 1536 MiB or less',
    );
  });

  test('virtio-mem is named with its block size', () => {
    const devices = [...dimms(512), ...virtioMem({ size: 512, requested: 256, block: 256 })];
    expect(shrunk(devices, 100)).toContain(
      'virtiomem0 (blocks of 256 MiB, 1536 MiB would remain); ask for 1536 MiB or less',
    );
  });

  test('many devices are not all named, but the smallest step is', () => {
    const text = shrunk(dimms(...Array.from({ length: 15 }, () => 256), 128), 100);
    expect(text).toContain('dimm7 (');
    expect(text).not.toContain('dimm8 (');
    expect(text).toContain(', 8 more; ask for 4864 MiB or less');
  });

  test.each([
    ['no devices', []],
    ['only others', [{ model: 'nvdimm', size: mib(512), node: 0, alias: 'nvdimm0' }]],
    ['only virtio-mem that is empty', virtioMem({ size: 512, requested: 0 })],
  ])('a VM with %s keeps its boot memory', (_, devices) => {
    expect(shrink(vmWith(devices), mib(512))).toEqual({
      obstacle: 'the VM has no memory devices to give back; its boot memory of 1024 MiB stays',
    });
  });
});

test('no other choice frees more, or the same with fewer, smaller or younger DIMMs', () => {
  assertProperty(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 12 }),
      fc.record({ block: fc.constantFrom(2, 64, 256), blocks: fc.integer({ min: 0, max: 8 }) }),
      fc.integer({ min: 1, max: 4096 }),
      (counts, { block, blocks }, decrement) => {
        const sizes = counts.map((count) => count * 128);
        const choices = setsOf(sizes.length)
          .map((indexes) => ({ indexes, unplugged: sum(indexes.map((i) => sizes[i] ?? 0)) }))
          .filter(({ unplugged }) => unplugged <= decrement)
          .map(({ indexes, unplugged }) => {
            const given = Math.min(blocks, Math.floor((decrement - unplugged) / block)) * block;
            return { indexes, unplugged, given };
          })
          .sort(
            (one, other) =>
              other.unplugged + other.given - one.unplugged - one.given ||
              one.indexes.length - other.indexes.length ||
              one.unplugged - other.unplugged,
          );
        const { indexes, given } = choices[0] ?? { indexes: [], given: 0 };
        const requested = block * blocks;
        const expected = [
          ...(given > 0 ? [`virtiomem0: ${requested} to ${requested - given}`] : []),
          ...indexes.map((index) => `dimm${index}`),
        ];
        const device = virtioMem({ size: 2048, requested, block });
        const actual = shrunk([...dimms(...sizes), ...device], decrement);
        if (expected.length > 0) expect(actual).toEqual(expected);
        else expect(typeof actual).toBe('string');
      },
    ),
  );
});
