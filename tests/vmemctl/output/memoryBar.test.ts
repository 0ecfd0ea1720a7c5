import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB } from '../../../src/common/units.ts';
import { lookOf, marked } from '../../../src/vmemctl/output/look.ts';
import { barLegend, memoryBar, paintBar } from '../../../src/vmemctl/output/memoryBar.ts';
import { widthOf } from '../../../src/vmemctl/output/width.ts';
import { assertProperty } from '../../support/property.ts';

const look = lookOf({}, { LANG: 'C.UTF-8' });
const ascii = lookOf({}, {});
const sizes = (figures: Record<string, number>) =>
  Object.fromEntries(Object.entries(figures).map(([name, size]) => [name, KiB(size)]));

describe('a bar of ten cells', () => {
  test.each([
    [
      'shows what is used, free in the guest and held',
      { maximum: 100, current: 70, used: 40 },
      '████░░░···',
    ],
    ['is full', { maximum: 100, current: 100, used: 100 }, '██████████'],
    [
      'marks the guaranteed size',
      { maximum: 100, current: 70, used: 40, guaranteed: 50 },
      '████░│░···',
    ],
    [
      'marks a guarantee of all',
      { maximum: 100, current: 100, used: 40, guaranteed: 100 },
      '████░░░░░│',
    ],
    [
      'marks no guarantee of 0',
      { maximum: 100, current: 100, used: 40, guaranteed: 0 },
      '████░░░░░░',
    ],
    ['marks a smaller target', { maximum: 100, current: 70, used: 20, target: 50 }, '██░░░‹░···'],
    ['marks a larger target', { maximum: 100, current: 70, used: 20, target: 90 }, '██░░░░░·›·'],
    [
      'marks no target that is reached',
      { maximum: 100, current: 70, used: 20, target: 71 },
      '██░░░░░···',
    ],
    ['does not show as free what may be used', { maximum: 100, current: 70 }, '▒▒▒▒▒▒▒···'],
    [
      'does not show more used than there is',
      { maximum: 100, current: 50, used: 80 },
      '█████·····',
    ],
    ['is blank without the current size', { maximum: 100, used: 40 }, '          '],
    ['is blank without memory', { current: 0, maximum: 0 }, '          '],
  ])('%s', (_, figures, bar) => {
    expect(memoryBar(sizes(figures as Record<string, number>), 10, look)).toBe(bar);
  });

  test('has only ASCII where the locale has', () => {
    const figures = sizes({ maximum: 100, current: 70, used: 30, guaranteed: 50, target: 90 });
    expect(memoryBar(figures, 10, ascii)).toBe('###--|-.>.');
    expect(memoryBar(sizes({ maximum: 100, current: 70, target: 20 }), 10, ascii)).toBe(
      '==<====...',
    );
  });
});

test('colours change no character of a bar', () => {
  const coloured = { ...look, style: marked };
  const bar = '███░│░‹···';
  expect(paintBar(bar, coloured)).not.toBe(bar);

  expect(paintBar(bar, coloured).replace(/\x1b\[\d+m/g, '')).toBe(bar);
  expect(paintBar(bar, coloured, true)).toBe(marked('dim', bar));
});

test('the legend explains each character, in lines that fit', () => {
  expect(barLegend(look)).toEqual([
    '█ used   ░ free in the guest   · held by the balloon   │ guaranteed   ‹› target',
  ]);
  expect(barLegend({ ...look, columns: 40 })).toEqual([
    '█ used   ░ free in the guest',
    '· held by the balloon   │ guaranteed',
    '‹› target',
  ]);
});

test('a bar has its width, and more used never makes less of it', () => {
  const size = fc.integer({ min: 0, max: 1000 });
  assertProperty(
    fc.property(size, size, size, size, size, fc.integer({ min: 1, max: 60 }), (...numbers) => {
      const [maximum, current, used, guaranteed, target, width] = numbers;
      const figures = sizes({ maximum, current, used, guaranteed, target });
      const bar = memoryBar(figures, width, look);
      expect(widthOf(bar)).toBe(width);
      const usedCells = (of: number): number =>
        memoryBar(sizes({ maximum, current, used: of }), width, look).split('█').length - 1;
      expect(usedCells(used + 10)).toBeGreaterThanOrEqual(usedCells(used));
    }),
  );
});
