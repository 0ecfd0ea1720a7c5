import { describe, expect, test } from '@jest/globals';
import { Milliseconds } from '../../src/common/units.ts';
import {
  follow,
  isBelow,
  type Motion,
  type Moving,
  movingOf,
} from '../../src/memory/balloonMotion.ts';
import { mib } from './domains.ts';

const PATIENCE = Milliseconds(40_000);

interface Course {
  readonly wanted: number;
  /** From what to what it can be when the target is set. */
  readonly from: readonly [least: number, most: number];
  /** How many seconds before it is first seen that is. */
  readonly ago?: number;
  readonly autodeflate?: boolean;
  readonly isStarting?: boolean;
  /** What it holds, in MiB, every five seconds. */
  readonly held: readonly number[];
}

/** How the balloon stands to its target each time it is seen. */
function course({ wanted, from, ago = 0, held, ...guest }: Course): Moving[] {
  const { autodeflate = false, isStarting = false } = guest;
  let motion: Motion | undefined;
  return held.map((size, n) => {
    const now = Milliseconds(5000 * n);
    const [least, most] = from;
    const seen = { held: mib(size), wanted: mib(wanted), least: mib(least), most: mib(most) };
    const setAt = Milliseconds(-1000 * ago);
    motion = follow(motion, { ...seen, setAt, autodeflate, isStarting }, now);
    return movingOf(motion, now, PATIENCE);
  });
}

const way = 'on-its-way';
const there = 'at-target';
const outside = 'moved-outside';

test.each<[string, Course, Moving[]]>([
  ['inflates', { wanted: 300, from: [0, 0], held: [0, 100, 200, 300] }, [way, way, way, there]],
  ['deflates', { wanted: 0, from: [300, 300], held: [300, 150, 1, 0] }, [way, way, there, there]],
  [
    'is slow and stops in between',
    { wanted: 300, from: [0, 0], held: [0, 100, 100, 100, 150, 300] },
    [way, way, way, way, way, there],
  ],
  [
    'moves on for a moment in the direction of the target before',
    { wanted: 100, from: [0, 200], held: [150, 180, 120, 100] },
    [way, way, way, there],
  ],
  [
    'is a little off',
    { wanted: 300, from: [300, 300], held: [300, 301, 299] },
    [there, there, there],
  ],
])('a balloon that %s is followed', (_, seen, expected) => {
  expect(course(seen)).toEqual(expected);
});

test('a balloon that is moved just after its target was set was moved outside, if it stays there', () => {
  const seen = { wanted: 100, from: [100, 200] as const, autodeflate: true };
  expect(course({ ...seen, held: [50, 50] })).toEqual([way, outside]);
});

test('a balloon is judged three seconds after its target was set', () => {
  const seen = { wanted: 100, from: [100, 200] as const, held: [50] };
  expect(course({ ...seen, ago: 2.999 })).toEqual([way]);
  expect(course({ ...seen, ago: 3 })).toEqual([outside]);
});

test('a balloon that does not move for long is stuck, until it moves again', () => {
  const held = [...Array.from({ length: 9 }, () => 100), 110];
  expect(course({ wanted: 300, from: [0, 0], held }).slice(-3)).toEqual([way, 'stuck', way]);
});

test.each<[string, Course, Moving[]]>([
  [
    'leaves its target downwards',
    { wanted: 0, from: [0, 0], held: [0, 0, 2] },
    [there, there, outside],
  ],
  [
    'leaves its target upwards',
    { wanted: 300, from: [0, 0], held: [0, 300, 200] },
    [way, there, outside],
  ],
  ['passes its target', { wanted: 300, from: [0, 0], held: [0, 200, 400] }, [way, way, outside]],
  ['turns back', { wanted: 300, from: [0, 0], held: [0, 200, 100] }, [way, way, outside]],
  [
    'was moved while nobody looked',
    { wanted: 300, from: [0, 300], ago: 60, held: [500, 500] },
    [outside, outside],
  ],
  ['comes back', { wanted: 0, from: [0, 0], held: [0, 200, 0] }, [there, outside, there]],
])('a balloon that %s was moved outside', (_, seen, expected) => {
  expect(course(seen)).toEqual(expected);
});

describe('a guest with autodeflate', () => {
  test('that takes memory back before the target is reached is only slow', () => {
    const seen = { wanted: 300, from: [0, 0] as const, autodeflate: true };
    expect(course({ ...seen, held: [0, 200, 150, 220] })).toEqual([way, way, way, way]);
  });

  test('that reached its target is moved if it leaves it', () => {
    const seen = { wanted: 300, from: [0, 0] as const, autodeflate: true };
    expect(course({ ...seen, held: [0, 300, 150] })).toEqual([way, there, outside]);
  });
});

test('a guest that starts may still have the balloon of before', () => {
  const seen = { wanted: 300, from: [300, 500] as const, isStarting: true };
  expect(course({ ...seen, held: [300, 450, 500] })).toEqual([there, way, way]);
});

test('a size is below another one if it is so by more than 1 MiB', () => {
  expect(isBelow(mib(298.9), mib(300))).toBe(true);
  expect(isBelow(mib(299), mib(300))).toBe(false);
  expect(isBelow(mib(300.5), mib(300))).toBe(false);
});

test('a guest that starts fills its balloon anew, and no further', () => {
  const seen = { wanted: 300, from: [300, 300] as const, isStarting: true };
  expect(course({ ...seen, held: [300, 0, 100, 300, 400] })).toEqual([
    there,
    way,
    way,
    there,
    outside,
  ]);
});
