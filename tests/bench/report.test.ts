import { expect, test } from '@jest/globals';
import { table, verdicts } from '../../bench/report.ts';
import { row } from '../../bench/row.ts';

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

test("the table's columns are aligned", () => {
  const rows = [row('Host.ping2', '1/s', [12345.6]), row('latency', 'ms', [0.012345], 'of one')];
  expect(table(rows).split('\n')).toEqual([
    '               min  median     max  unit',
    'Host.ping2  12,346  12,346  12,346  1/s',
    'latency     0.0123  0.0123  0.0123  ms    of one',
    '',
  ]);
});

test('a bar is met, missed or not measured, by the median', () => {
  const rows = [row('ratio', '×', [0.1, 0.6, 0.7]), row('wait', 'ms', [5])];
  const bars = [
    { row: 'ratio', atLeast: 0.5 },
    { row: 'ratio', atLeast: 0.65 },
    { row: 'wait', atMost: 4 },
    { row: 'gone', atMost: 1 },
  ];
  expect(verdicts(rows, bars).map((line) => line.split('  ')[0])).toEqual([
    'met',
    'missed',
    'missed',
    'not measured',
  ]);
});
