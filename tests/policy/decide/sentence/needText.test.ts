import { expect, test } from '@jest/globals';
import { needText } from '../../../../src/policy/decide/sentence/needText.ts';

const MIB = 1024;
const sizes = (mib: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(mib).map(([name, size]) => [name, size * MIB]));

const base = {
  used: 900,
  missing: 0,
  expected: 900,
  warm: 0,
  floor: 500,
  memory: 4000,
  need: 1080,
};

test.each([
  [{}, '900 MiB in use, 180 MiB of headroom'],
  [
    { warm: 300, need: 1380 },
    '900 MiB in use, 180 MiB of headroom, 300 MiB of page cache that it has read again',
  ],
  [
    { missing: 100, expected: 1000, need: 1200 },
    '900 MiB in use, 100 MiB that it lacks, 200 MiB of headroom',
  ],
  [
    { expected: 1000, need: 1200 },
    '900 MiB in use, 100 MiB by which its use has risen and may rise again, 200 MiB of headroom',
  ],
  [{ floor: 1080 }, 'its guarantee, as it uses 900 MiB'],
  [{ need: 4000 }, 'all of its memory, and it may need more'],
])('%j: %s', (change, text) => {
  expect(needText(sizes({ ...base, ...change }))).toBe(text);
});

test('a guest that does not report has no need that is known', () => {
  expect(needText(sizes({ current: 900 }))).toBeUndefined();
});
