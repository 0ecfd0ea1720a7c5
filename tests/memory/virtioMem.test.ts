import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  virtioMemDevices,
  givenBy,
  providedMemory,
  roomIn,
  type Store,
  takeFrom,
  total,
} from '../../src/memory/virtioMem.ts';
import { KiB } from '../../src/common/units.ts';
import { dimms, virtioMem, mib, vmWith } from './domains.ts';
import { assertProperty } from '../support/property.ts';

const store = (alias: string, block: number, blocks: number): Store => ({
  alias,
  block: KiB(block),
  amount: KiB(block * blocks),
});

describe('memory provided', () => {
  test('is boot memory, DIMMs and the requested sizes of virtio-mem devices', () => {
    const devices = [...dimms(256, 128), ...virtioMem({ size: 1024, requested: 100 })];
    expect(providedMemory(vmWith(devices))).toBe(mib(1024 + 256 + 128 + 100));
  });

  test('excludes other memory devices', () => {
    const others = ['nvdimm', 'virtio-pmem'].map((model) => ({ model, size: mib(512), node: 0 }));
    expect(providedMemory(vmWith(others))).toBe(mib(1024));
  });
});

test('a virtio-mem device without an alias is left out', () => {
  const [device] = virtioMem({ size: 64, requested: 0 });
  const { alias, ...nameless } = device ?? {};
  expect(virtioMemDevices(vmWith([...dimms(128), nameless as never]))).toEqual([]);
  expect(virtioMemDevices(vmWith([device as never]))).toMatchObject([{ alias, size: mib(64) }]);
});

test('a device gives and takes whole blocks', () => {
  const device = { alias: 'x', size: KiB(11), block: KiB(2), requested: KiB(5) };
  expect(givenBy(device).amount).toBe(4);
  expect(roomIn(device).amount).toBe(6);
});

describe('of stores', () => {
  test.each([
    ['the youngest is emptied first', [store('a', 2, 4), store('b', 2, 4)], 10, { b: 8, a: 2 }],
    ['no broken block is taken', [store('a', 2, 4)], 5, { a: 4 }],
    ['nothing is taken for less than nothing', [store('a', 2, 4)], -4, { a: 0 }],
    [
      'coarse blocks go before finer ones',
      [store('a', 8, 2), store('b', 2, 9)],
      12,
      { a: 8, b: 4 },
    ],
  ])('%s', (_, stores, most, taken) => {
    expect(Object.fromEntries(takeFrom(stores, most))).toEqual(taken);
  });

  test('as much is taken as whole blocks allow', () => {
    const some = fc.array(fc.tuple(fc.constantFrom(1, 2, 4, 16), fc.integer({ min: 0, max: 5 })), {
      maxLength: 5,
    });
    assertProperty(
      fc.property(some, fc.integer({ min: 0, max: 200 }), (devices, most) => {
        const stores = devices.map(([block, blocks], index) => store(String(index), block, blocks));
        let sums = new Set([0]);
        for (const [block, blocks] of devices) {
          const parts = Array.from({ length: blocks + 1 }, (_, count) => count * block);
          sums = new Set([...sums].flatMap((sum) => parts.map((part) => sum + part)));
        }
        const best = Math.max(...[...sums].filter((sum) => sum <= most));
        expect(total(takeFrom(stores, most).values())).toBe(best);
      }),
    );
  });
});
