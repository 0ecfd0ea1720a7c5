import { describe, expect, test } from '@jest/globals';
import { KiB, Milliseconds } from '../../src/common/units.ts';
import { type BalloonStory, carriedStory, isSameWish } from '../../src/memory/balloonStory.ts';

const story: BalloonStory = {
  by: 'client',
  since: Milliseconds(5),
  wished: KiB(100),
  bound: 'guarantee',
  least: KiB(200),
  most: KiB(300),
  isAskedFor: true,
};

describe('the story of a target that is carried over', () => {
  test('has its sizes moved by the change of the memory, and all else as it was', () => {
    expect(carriedStory(story, 50)).toStrictEqual({ ...story, least: 250, most: 350 });
    expect(carriedStory(story, -50)).toStrictEqual({ ...story, least: 150, most: 250 });
  });

  test('has no size below 0', () => {
    expect(carriedStory(story, -250)).toStrictEqual({ ...story, least: 0, most: 50 });
  });

  test('has no size above the largest that can be read back', () => {
    const largest = KiB(Number.MAX_SAFE_INTEGER);
    expect(carriedStory({ by: 'start', most: largest }, 50).most).toBe(largest);
  });

  test('gets no size that was unknown', () => {
    expect(carriedStory({ by: 'outside' }, 50)).toStrictEqual({ by: 'outside' });
    expect(carriedStory({ by: 'start', most: KiB(1) }, 1)).toStrictEqual({ by: 'start', most: 2 });
  });
});

describe('a wish', () => {
  test('is the same whenever it was made and wherever the balloon was then', () => {
    expect(isSameWish(story, carriedStory(story, 50))).toBe(true);
    expect(isSameWish({ by: 'policy' }, { by: 'policy', least: KiB(1) })).toBe(true);
  });

  test.each<Partial<BalloonStory>>([{ by: 'policy' }, { wished: KiB(101) }, { bound: 'floor' }])(
    'is another one with %j',
    (change) => {
      expect(isSameWish(story, { ...story, ...change })).toBe(false);
    },
  );
});
