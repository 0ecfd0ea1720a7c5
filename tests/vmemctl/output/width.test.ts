import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cut, pad, printable, widthOf, wrap } from '../../../src/vmemctl/output/width.ts';
import { assertProperty } from '../../support/property.ts';

describe('the width of a text is that of its cells', () => {
  test.each([
    ['', 0],
    ['web1', 4],
    ['größe', 5],
    ['gro\u0308ße', 5],
    ['メモリ', 6],
    ['ﾒﾓﾘ', 3],
    ['메모리', 6],
    ['内存', 4],
    ['ＡＢ', 4],
    ['👍', 2],
    ['👨‍👩‍👧', 2],
    ['🇩🇪', 2],
    ['❤️', 2],
    ['❤', 1],
    ['⌚', 2],
    ['a\u200bb', 2],
    ['─█░', 3],
  ])('%s', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });
});

test('a name moves no cursor, changes no colour and turns no direction', () => {
  expect(printable('a\x1b[2J\r\nb\x9b1m\u202ec\u2066')).toBe('a�[2J��b�1m�c�');
  expect(printable('größe 内存 👨‍👩‍👧')).toBe('größe 内存 👨‍👩‍👧');
});

describe('a text is cut', () => {
  test.each([
    ['abcdef', 6, false, 'abcdef'],
    ['abcdef', 5, false, 'abcd…'],
    ['abcdef', 5, true, 'ab…ef'],
    ['abcdef', 4, true, 'ab…f'],
    ['abcdef', 1, true, '…'],
    ['abcdef', 0, false, ''],
    ['内存内存', 5, false, '内存…'],
    ['内存内存', 4, false, '内…'],
    ['👨‍👩‍👧👨‍👩‍👧', 3, false, '👨‍👩‍👧…'],
  ])('%s to %d', (text, width, middle, expected) => {
    expect(cut(text, width, { middle })).toBe(expected);
  });
});

const any = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), fc.string());
const width = fc.integer({ min: 0, max: 20 });

test('a cut text is never wider than it may be, and one that fits stays', () => {
  assertProperty(
    fc.property(any, width, fc.boolean(), (raw, most, middle) => {
      const text = printable(raw);
      const short = cut(text, most, { middle });
      expect(widthOf(short)).toBeLessThanOrEqual(most);
      if (widthOf(text) <= most) expect(short).toBe(text);
    }),
  );
});

test('a padded text has the width, or its own if that is more', () => {
  assertProperty(
    fc.property(
      any,
      width,
      fc.constantFrom('left' as const, 'right' as const),
      (raw, most, align) => {
        const text = printable(raw);
        expect(widthOf(pad(text, most, align))).toBe(Math.max(most, widthOf(text)));
      },
    ),
  );
});

test('wrapped lines have all words, each line as many as fit', () => {
  assertProperty(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1 }),
      fc.integer({ min: 8, max: 30 }),
      (words, most) => {
        const lines = wrap(words.join(' '), most);
        expect(lines.join(' ')).toBe(words.join(' '));
        for (const [index, line] of lines.entries()) {
          expect(line.length).toBeLessThanOrEqual(most);
          const [next = ''] = (lines[index + 1] ?? '').split(' ');
          if (next !== '') expect(line.length + 1 + next.length).toBeGreaterThan(most);
        }
      },
    ),
  );
});

test('without a terminal a text is one line', () => {
  expect(wrap('a '.repeat(200), undefined)).toHaveLength(1);
});
