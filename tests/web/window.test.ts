import { describe, expect, test } from '@jest/globals';
import { heightOf, type Layout, rowsBetween, topOf } from '../../web/vms/window.ts';

const closed: Layout = { count: 1000, rowHeight: 50 };
const open: Layout = { ...closed, open: { index: 2, height: 400 } };

describe('the rows on the screen', () => {
  test('are few of many, with some on each side', () => {
    expect(rowsBetween(closed, { from: 5000, to: 5500 }, 5)).toEqual({ first: 95, end: 116 });
  });

  test('end with the list', () => {
    expect(rowsBetween(closed, { from: 49_800, to: 50_800 }, 5)).toEqual({ first: 991, end: 1000 });
  });

  test('begin with the list if it is below the top of the window', () => {
    expect(rowsBetween(closed, { from: -300, to: 200 }, 0)).toEqual({ first: 0, end: 5 });
  });

  test('are none of an empty list', () => {
    expect(rowsBetween({ count: 0, rowHeight: 50 }, { from: 0, to: 500 }, 5)).toEqual({
      first: 0,
      end: 0,
    });
  });

  test('make room for open details', () => {
    expect(topOf(open, 2)).toBe(100);
    expect(topOf(open, 3)).toBe(550);
    expect(heightOf(open)).toBe(50_400);
    // only the details are in sight
    expect(rowsBetween(open, { from: 200, to: 500 }, 0)).toEqual({ first: 2, end: 3 });
    expect(rowsBetween(open, { from: 560, to: 640 }, 0)).toEqual({ first: 3, end: 5 });
  });
});
