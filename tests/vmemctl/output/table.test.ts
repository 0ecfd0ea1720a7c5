import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Look, lookOf, plain } from '../../../src/vmemctl/output/look.ts';
import { type Column, table } from '../../../src/vmemctl/output/table.ts';
import { widthOf } from '../../../src/vmemctl/output/width.ts';
import { assertProperty } from '../../support/property.ts';

interface Row {
  readonly name: string;
  readonly size: string;
  readonly note: string;
}

const columns: readonly Column<Row>[] = [
  { title: 'NAME', cell: ({ name }) => name, least: 8, middle: true },
  { title: 'SIZE', cell: ({ size }) => size, align: 'right' },
  { title: 'BAR', cell: (_, width) => '#'.repeat(width), most: 12, least: 6, rank: 1 },
  { title: 'NOTE', cell: ({ note }) => note, rank: 2 },
];
const rows: readonly Row[] = [
  { name: 'web-production-1', size: '1.25 GiB', note: 'fresh' },
  { name: 'db', size: '768 MiB', note: 'stale for 3 min' },
];
const look = (width?: number): Look => ({
  ...(width === undefined ? {} : { columns: width }),
  unicode: true,
  style: plain,
});

describe('a table', () => {
  test('has its full width without a terminal', () => {
    expect(table(columns, rows, look())).toEqual([
      'NAME                  SIZE  BAR           NOTE',
      'web-production-1  1.25 GiB  ############  fresh',
      'db                 768 MiB  ############  stale for 3 min',
    ]);
  });

  test('shrinks what may shrink first, the widest of it before the rest', () => {
    expect(table(columns, rows, look(50))).toEqual([
      'NAME            SIZE  BAR          NOTE',
      'web-p…on-1  1.25 GiB  ###########  fresh',
      'db           768 MiB  ###########  stale for 3 min',
    ]);
  });

  test('then leaves out the least important column', () => {
    expect(table(columns, rows, look(38))).toEqual([
      'NAME             SIZE  NOTE',
      'web-p…ion-1  1.25 GiB  fresh',
      'db            768 MiB  stale for 3 min',
    ]);
  });

  test('gives what is left to the first columns at last', () => {
    expect(table(columns, rows, look(20))).toEqual([
      'NAME            SIZE',
      'web-p…on-1  1.25 GiB',
      'db           768 MiB',
    ]);
    expect(table(columns, rows, look(12))).toEqual(['NAME', 'web-p…on-1', 'db']);
  });

  test('leaves out what is spare before anything shrinks', () => {
    const [name, size] = columns;
    if (!name || !size) throw new Error('there are four columns');
    const id: Column<Row> = { title: 'ID', cell: () => '0123456789', rank: 0, isSpare: true };
    expect(table([name, size, id], rows, look(34))[1]).toBe('web-production-1  1.25 GiB');
    expect(table([name, size, id], rows, look(38))[1]).toBe(
      'web-production-1  1.25 GiB  0123456789',
    );
  });

  test('without rows has only its head', () => {
    expect(table(columns, [], look())).toEqual(['NAME  SIZE  BAR           NOTE']);
  });

  test('marks a cell with its blanks, and shows no controls', () => {
    const marked: readonly Column<string>[] = [
      { title: 'A', cell: (text) => ({ text, mark: (padded) => `<${padded}>` }) },
      { title: 'B', cell: () => 'x' },
    ];
    expect(table(marked, ['a\x1b', 'long'], look())).toEqual(['A     B', '<a�  >  x', '<long>  x']);
  });
});

const text = fc.string({ unit: 'grapheme', maxLength: 30 });

test('no line is wider than the terminal, whatever is in it', () => {
  assertProperty(
    fc.property(
      fc.array(fc.record({ name: text, size: text, note: text }), { maxLength: 5 }),
      fc.integer({ min: 20, max: 120 }),
      fc.boolean(),
      (some, width, isUnicode) => {
        const look = lookOf(
          { isTTY: true, columns: width },
          { LANG: isUnicode ? 'C.UTF-8' : 'C', NO_COLOR: '1' },
        );
        for (const line of table(columns, some, look))
          expect(widthOf(line)).toBeLessThanOrEqual(width);
      },
    ),
  );
});
