import { expect, test } from '@jest/globals';
import { faults, guarded, LibvirtdEndedError, recorded, TRIES } from '../../bench/guard.ts';
import { compared, type Row, row } from '../../bench/row.ts';

const ratio = (name: string, of: number, unit = 'ms'): Row =>
  compared(name, unit, [{ ours: of, theirs: 1 }], 'peer');
const calls = (count: number): Row => row('calls of a plug', 'calls', [count]);

const namesOf = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name);

test.each([
  ['1.29 times as much', ratio('x', 2 * 1.29), []],
  ['1.31 times as much', ratio('x', 2 * 1.31), ['x']],
  ['less', ratio('x', 0.1), []],
  ['a rate divided by 1.29', ratio('x', 2 / 1.29, 'requests/s'), []],
  ['a rate divided by 1.31', ratio('x', 2 / 1.31, 'requests/s'), ['x']],
  ['a higher rate', ratio('x', 9, 'requests/s'), []],
  ['no number', ratio('x', NaN), ['x']],
])('a ratio of 2 was committed and %s is found', (_, found, worse) => {
  expect(namesOf(faults([found], [{ x: 2 }]))).toEqual(worse);
});

test('a count may not grow at all', () => {
  const committed = { 'calls of a plug': 7 };
  expect(faults([calls(7)], [committed])).toEqual([]);
  expect(faults([calls(6)], [committed])).toEqual([]);
  expect(faults([calls(8)], [committed])).toEqual([
    { name: 'calls of a plug', committed: [7], found: 8 },
  ]);
});

test('a committed figure that is no longer measured is a fault', () => {
  expect(faults([ratio('y', 1)], [{ x: 2 }])).toEqual([
    { name: 'x', committed: [2], found: undefined },
  ]);
});

test('a committed ratio whose row has lost its peer is a fault', () => {
  expect(namesOf(faults([row('x', 'ms', [2])], [{ x: 2 }]))).toEqual(['x']);
});

test('a figure that is not committed is no fault', () => {
  expect(faults([ratio('new', 100), calls(100)], [{}])).toEqual([]);
});

test('of several machines the worst counts, for times as for rates', () => {
  const [slow, fast] = [{ x: 2 }, { x: 1 }];
  expect(faults([ratio('x', 2.5)], [slow, fast])).toEqual([]);
  expect(faults([ratio('x', 0.8, 'requests/s')], [slow, fast])).toEqual([]);
  expect(faults([ratio('x', 2.7)], [slow, fast])).toEqual([
    { name: 'x', committed: [2, 1], found: 2.7 },
  ]);
});

test('a figure that only one of several machines has is guarded', () => {
  expect(namesOf(faults([ratio('x', 3)], [{}, { x: 2 }]))).toEqual(['x']);
});

/** The ratios of x and y in a run, or why it failed. */
type Turn = readonly [x: number, y: number] | Error;

/** Runs these one after the other; returns what the guard says and how often it ran. */
async function runsOf(...turns: readonly Turn[]) {
  let count = 0;
  const told: (string[] | string)[] = [];
  const run = () => {
    const turn = turns[count++] ?? [NaN, NaN];
    return turn instanceof Error ?
        Promise.reject(turn)
      : Promise.resolve([ratio('x', turn[0]), ratio('y', turn[1])]);
  };
  const result = await guarded(run, [{ x: 1, y: 1 }], (wrong) =>
    told.push(wrong instanceof Error ? wrong.message : namesOf(wrong)),
  );
  return { faults: namesOf(result.faults), count, told, rows: result.rows };
}

test('a benchmark in which nothing is worse runs once', async () => {
  expect(await runsOf([1, 1])).toMatchObject({ faults: [], count: 1, told: [] });
});

test('what is worse twice and then well is no fault', async () => {
  expect(await runsOf([2, 1], [2, 1], [1, 1])).toMatchObject({
    faults: [],
    count: 3,
    told: [['x'], ['x']],
  });
});

test('what is worse in all tries is a fault, and the last rows are shown', async () => {
  const found = await runsOf([2, 1], [3, 1], [4, 1]);
  expect(found).toMatchObject({ faults: ['x'], count: TRIES });
  expect(found.rows).toEqual([ratio('x', 4), ratio('y', 1)]);
});

test('two ratios that are worse in different tries are no fault', async () => {
  expect(await runsOf([2, 1], [1, 2])).toMatchObject({ faults: [], count: 2 });
});

test('a try in which libvirtd ends is told, and the next one counts', async () => {
  expect(await runsOf(new LibvirtdEndedError('it has ended'), [1, 1])).toMatchObject({
    faults: [],
    count: 2,
    told: ['it has ended'],
  });
});

test('what is worse in all tries that finished is a fault', async () => {
  expect(await runsOf([2, 1], new LibvirtdEndedError('it has ended'), [2, 1])).toMatchObject({
    faults: ['x'],
    count: TRIES,
  });
});

test('a benchmark fails if libvirtd ends in its last try', async () => {
  const runs = runsOf(new LibvirtdEndedError('first'), [2, 1], new LibvirtdEndedError('last'));
  await expect(runs).rejects.toThrow('last');
});

test('a benchmark that fails for another reason does not run again', async () => {
  await expect(runsOf(new Error('vmemd did not start'), [1, 1])).rejects.toThrow('did not start');
});

test('a figure that is missing in all tries is a fault', async () => {
  const { faults: found } = await guarded(
    () => Promise.resolve([ratio('y', 1)]),
    [{ x: 1, y: 1 }],
    () => undefined,
  );
  expect(found).toEqual([{ name: 'x', committed: [1], found: undefined }]);
});

test('the median of several runs is recorded, of ratios and counts alone', () => {
  const run = (x: number, count: number) => [ratio('x', x), calls(count), row('alone', 'ms', [1])];
  expect(recorded([run(2, 7), run(9, 7), run(3, 8)])).toEqual({ x: 3, 'calls of a plug': 7 });
});
