import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from '@jest/globals';
import { replayTrace } from '../../src/cli/replay.ts';

const folder = mkdtempSync(join(tmpdir(), 'vmemd-replay-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const GIB = 1024 ** 2;
const line = (time: number, more: object = {}): string =>
  JSON.stringify({
    version: 1,
    time,
    host: { mem_total: 64 * GIB, mem_available: 4 * GIB, mem_free: 4 * GIB },
    guests: [
      {
        name: 'a9f0',
        vm_name: 'web1',
        balloon_cur: 8 * GIB,
        balloon_min: GIB,
        balloon_max: 8 * GIB,
        unused: 6 * GIB,
        usable: 6 * GIB,
        last_update: time,
      },
    ],
    decided: {
      round: time / 5,
      parameters: { algorithm: 'adaptive' },
      decisions: [{ name: 'a9f0', rule: 'rest' }],
    },
    ...more,
  });

async function replayed(argv: readonly string[], input = '') {
  const output = new PassThrough();
  const complaints: string[] = [];
  const stderr = { write: (complaint: string) => complaints.push(complaint) };
  const status = replayTrace(argv, { input: Readable.from([input]), output, stderr });
  const end = (): unknown => output.end();
  void status.then(end, end);
  const printed = await text(output);
  return { status: await status, printed, complaints };
}

const trace = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

test('a difference has time, VM, both targets and their reasons, and the summary what each takes and gives', async () => {
  const path = trace('plain', `${line(5)}\n${line(10)}\n`);
  const { status, printed, complaints } = await replayed([path, '--against', 'mom']);
  expect([status, complaints]).toEqual([0, []]);
  const [first] = printed.split('\n');
  expect(first).toBe(
    '5 s web1 of 8192 MiB: adaptive 7372.80 MiB (host-short, step), mom 7782.40 MiB (shrink, step)',
  );
  expect(printed).toContain('2 rounds from 5 s to 10 s, 0.00 VM-hours: 2 decisions, 2 differences');
  expect(printed).toMatch(/VM +targets +taken +given +turns per hour +last target\n +web1 +2 /);
});

test('what was decided then is what a policy is compared with by default', async () => {
  const { printed } = await replayed([trace('then', `${line(5)}\n`)]);
  expect(printed).toContain('adaptive 7372.80 MiB (host-short, step), recorded leaves it (rest)');
});

test('a line of JSON for each difference, and one for the summary', async () => {
  const path = trace('json', `${line(5)}\n`);
  const { printed } = await replayed([path, '--json', '--parameters', '{"step": 0.05}']);
  const [difference, summary] = printed
    .trim()
    .split('\n')
    .map((each) => JSON.parse(each) as unknown);
  expect(difference).toEqual({
    time: 5,
    name: 'a9f0',
    vm_name: 'web1',
    balloon_cur: 8 * GIB,
    decisions: [
      { policy: 'adaptive step=0.05', target: 7_969_176, rule: 'host-short', bound: 'step' },
      { policy: 'recorded', rule: 'rest' },
    ],
  });
  expect(summary).toMatchObject({
    summary: {
      rounds: 1,
      differences: 1,
      vm_hours: 0,
      policies: [{ policy: 'adaptive step=0.05', vms: [{ vm_name: 'web1', targets: 1 }] }, {}],
    },
  });
});

test('older parts of the file are read first, and only they', async () => {
  trace('log.10', `${line(5)}\n`);
  trace('log.2', `${line(10)}\n`);
  trace('log.1', `${line(15)}\n`);
  trace('log.1.bak', `${line(20)}\n`);
  const { printed } = await replayed([trace('log', `${line(20)}\n`), '--summary']);
  expect(printed).toContain('4 rounds from 5 s to 20 s');
});

test('lines that are cut off, broken or of another version are left out and named', async () => {
  const path = trace(
    'torn',
    `${line(5)}\nx\n${line(10, { version: 2 })}\n${line(15).slice(0, 99)}`,
  );
  const { status, printed, complaints } = await replayed([path, '--summary']);
  expect(status).toBe(0);
  expect(printed).toContain('1 rounds');
  expect(complaints.map((each) => each.slice(each.indexOf(', line')))).toEqual([
    ', line 2 is left out: the line is not JSON\n',
    ', line 3 is left out: it is of another version, version must be 1\n',
    ', line 4 is left out: it is cut off\n',
  ]);
});

test('standard input is read, and lines of vmemd decide, whose parameters then count', async () => {
  const given = line(5, { decided: undefined, parameters: { step: 0.05 } });
  const { printed } = await replayed(['-', '--against', 'adaptive'], `${given}\n`);
  expect(printed).toContain('1 rounds');
  const first = await replayed(['-'], given);
  expect(first.printed).toContain('adaptive 7782.40 MiB (host-short, step), recorded is not known');
});

test.each([
  ['a file that is not there', join(folder, 'none'), 'ENOENT'],
  ['a file without rounds', trace('empty', ''), 'has no round'],
])('%s fails', async (_, path, reason) => {
  const { status, complaints } = await replayed([path]);
  expect(status).toBe(1);
  expect(complaints.join('')).toContain(reason);
});

test('help needs no trace', async () => {
  const { status, printed } = await replayed(['--help']);
  expect(status).toBe(0);
  expect(printed).toContain('open loop');
});

test.each([
  [[], 'name the file of a trace'],
  [['a', 'b'], 'there is no argument "b"'],
  [['a', '--algorithm', 'recorded'], '--algorithm must be mom or adaptive'],
  [['a', '--against', 'x'], '--against must be mom, adaptive or recorded'],
  [['a', '--parameters', '{"x": 1}'], 'there is no x'],
  [['a', '--against-parameters', '{"goal": 1}'], '--against-parameters belongs to'],
  [['a', '--speed', '1'], '--speed'],
])('the arguments %j are refused', async (argv, message) => {
  await expect(replayed(argv)).rejects.toThrow(message);
});
