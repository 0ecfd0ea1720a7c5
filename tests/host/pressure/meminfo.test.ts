import { expect, test } from '@jest/globals';
import { readMeminfo } from '../../../src/host/pressure/meminfo.ts';

const lines = (sizes: Record<string, number>): string =>
  Object.entries(sizes)
    .map(([name, size]) => `${name}: ${String(size)} kB\n`)
    .join('');

test("adds up MoM's measure, and keeps the other sizes", () => {
  const text = lines({
    MemTotal: 1000,
    MemFree: 100,
    MemAvailable: 300,
    Buffers: 20,
    Cached: 200,
    SwapTotal: 50,
    SwapFree: 40,
    Hugetlb: 128,
  });
  expect(readMeminfo(text)).toEqual({
    total: 1000,
    unused: 100,
    caches: 220,
    free: 320,
    available: 300,
    hugetlb: 128,
    swapTotal: 50,
    swapFree: 40,
  });
});

test.each([
  ['an empty text', ''],
  ['a total of 0', lines({ MemTotal: 0, MemAvailable: 0 })],
  ['another text', 'MemTotal: lots\n'],
])('%s has no sizes', (_, text) => {
  expect(readMeminfo(text)).toBeUndefined();
});

test('parts that exceed their total are unknown', () => {
  const text = lines({
    MemTotal: 1000,
    MemFree: 900,
    Buffers: 100,
    Cached: 1,
    MemAvailable: 1001,
    Hugetlb: 2000,
    SwapTotal: 10,
    SwapFree: 11,
  });
  expect(readMeminfo(text)).toEqual({ total: 1000, swapTotal: 10 });
});

test('a host without swap has none free', () => {
  expect(readMeminfo(lines({ MemTotal: 1, SwapTotal: 0, SwapFree: 0 }))).toEqual({
    total: 1,
    swapTotal: 0,
    swapFree: 0,
  });
});
