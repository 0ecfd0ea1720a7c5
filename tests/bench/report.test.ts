import { expect, test } from '@jest/globals';
import { markdownTable, table, verdictLine, verdicts } from '../../bench/report.ts';
import { compared, paired, row } from '../../bench/row.ts';

test('a row has the minimum, the median and the maximum of its values', () => {
  expect(row('x', 'ms', [3, 1, 2, 10, 9])).toEqual({
    name: 'x',
    unit: 'ms',
    min: 1,
    median: 3,
    max: 10,
  });
  expect(row('x', 'ms', [5], 'once')).toMatchObject({ min: 5, median: 5, max: 5, note: 'once' });
});

test('a ratio is that of each run, not of the medians', () => {
  const pairs = paired([1, 4, 9], [2, 1, 3]);
  expect(compared('x', 'ms', pairs, 'peer')).toEqual({
    name: 'x',
    unit: 'ms',
    min: 1,
    median: 4,
    max: 9,
    beside: { name: 'peer', median: 2, ratio: { min: 0.5, median: 3, max: 4 } },
  });
});

const rows = [
  compared('Host.ping2', '1/s', [{ ours: 12345.6, theirs: 20000 }], 'echo'),
  row('latency', 'ms', [0.012345], 'of one'),
];

test("the table's columns are aligned, and the ratio is the first", () => {
  expect(table(rows).split('\n')).toEqual([
    '  ratio  what           min  median     max  unit  beside  its median',
    '0.617 ×  Host.ping2  12,346  12,346  12,346  1/s   echo        20,000',
    '         latency     0.0123  0.0123  0.0123  ms                        of one',
    '',
  ]);
});

test('the table of Markdown has a line for each row', () => {
  expect(markdownTable(rows).split('\n').slice(2)).toEqual([
    '| 0.617 × | Host.ping2 | 12,346 | 12,346 | 12,346 | 1/s | echo | 20,000 |  |',
    '|  | latency | 0.0123 | 0.0123 | 0.0123 | ms |  |  | of one |',
    '',
  ]);
});

test('a bar is met, missed or not measured, by the median', () => {
  const measured = [
    compared('rate', '1/s', paired([1, 6, 7], [10, 10, 10]), 'echo'),
    row('wait', 'ms', [5]),
  ];
  const bars = [
    { row: 'rate', of: 'ratio', atLeast: 0.5 },
    { row: 'rate', of: 'ratio', atLeast: 0.65 },
    { row: 'rate', atLeast: 6 },
    { row: 'wait', atMost: 4 },
    { row: 'wait', of: 'ratio', atMost: 9 },
    { row: 'gone', atMost: 1 },
  ] as const;
  expect(verdicts(measured, bars).map(({ word }) => word)).toEqual([
    'met',
    'missed',
    'met',
    'missed',
    'not measured',
    'not measured',
  ]);
});

test('a verdict says what was found and what was expected', () => {
  const [found, gone] = verdicts(
    [row('wait', 'ms', [5])],
    [
      { row: 'wait', atMost: 4 },
      { row: 'gone', of: 'ratio', atLeast: 0.5 },
    ],
  ).map(verdictLine);
  expect(found).toBe('missed        wait: 5 ms, expected at most 4');
  expect(gone).toBe('not measured  gone, ratio: at least 0.5');
});
