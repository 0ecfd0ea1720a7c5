import { expect, test } from '@jest/globals';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { decideLines } from '../../src/cli/decide.ts';

const LINE = JSON.stringify({
  time: 1,
  host: { mem_total: 100_000, mem_free: 10_000 },
  guests: [{ name: 'vm', balloon_cur: 4000, balloon_min: 1000, balloon_max: 4000, unused: 2000 }],
});

async function decided(argv: readonly string[], lines: readonly string[]) {
  const output = new PassThrough();
  const status = decideLines(argv, {
    input: Readable.from(lines.map((line) => `${line}\n`)),
    output,
  });
  const end = (): unknown => output.end();
  void status.then(end, end);
  const answers = (await text(output)).split('\n').filter((line) => line !== '');
  return { status: await status, answers };
}

test('each line is answered by one line', async () => {
  const { status, answers } = await decided(['--algorithm', 'mom'], [LINE, '', LINE]);
  expect(status).toBe(0);
  expect(answers).toHaveLength(2);
  expect(JSON.parse(answers[0] ?? '')).toMatchObject({ decisions: [{ name: 'vm', target: 3800 }] });
});

test('a line that cannot be read is answered with an error and fails the command at its end', async () => {
  const { status, answers } = await decided([], ['x', LINE]);
  expect(status).toBe(1);
  expect(answers.map((answer) => 'error' in (JSON.parse(answer) as object))).toEqual([true, false]);
});

test('parameters are those of the command line', async () => {
  const parameters = '{"max_change": 0.1}';
  const { answers } = await decided(['--algorithm=mom', '--parameters', parameters], [LINE]);
  expect(JSON.parse(answers[0] ?? '')).toMatchObject({ decisions: [{ target: 3600 }] });
});

test('help needs no input', async () => {
  const { status, answers } = await decided(['--help'], []);
  expect(status).toBe(0);
  expect(answers[0]).toMatch(/^Usage: vmemd decide /);
});

test.each([
  [['--algorithm', 'x'], 'algorithm must be mom or adaptive'],
  [['--parameters', '{'], 'JSON'],
  [['--parameters', '{"x": 1}'], 'there is no x, use some of: goal (a number from 0 to 0.9), '],
  [['--speed', '1'], '--speed'],
])('the arguments %j are refused', async (argv, message) => {
  await expect(decided(argv, [])).rejects.toThrow(message);
});
