import { describe, expect, test } from '@jest/globals';
import { pathOf, rangeOf, thin } from '../../web/model/spark.ts';

describe('a small picture of a history', () => {
  test('keeps the peaks when it is thinned', () => {
    expect(thin([1, 9, 2, 3, null, null, 4, 5], 4)).toEqual([9, 3, null, 5]);
    expect(thin([1, null], 4)).toEqual([1, null]);
  });

  test('has gaps where nothing is known', () => {
    const extent = { width: 30, height: 10 };
    expect(pathOf([0, 5, null, 10], 10, extent)).toBe('M0.0 10.0L10.0 5.0M30.0 0.0');
  });

  test('has no range without a value', () => {
    expect(rangeOf([null, null])).toBeUndefined();
    expect(rangeOf([3, null, 1])).toEqual({ least: 1, most: 3 });
  });
});
