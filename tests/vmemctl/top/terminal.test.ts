import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { needs } from '../../support/needs.ts';
import { openSimulated, type Simulated } from '../simulated.ts';

const root = join(import.meta.dirname, '../../..');
const SHOWN = '\x1b[?1049h\x1b[?25l';
const GIVEN_BACK = '\x1b[?25h\x1b[?1049l';

let host: Simulated;
beforeAll(async () => {
  host = await openSimulated();
  await host.world.boot(1, { vmName: 'web1' });
});
afterAll(() => host.stop());

interface Seen {
  readonly output: string;
  readonly status: number;
  readonly isRestored: boolean | null;
}

/** Runs vmemctl top on a terminal and sends it keys; T stands for SIGTERM, R for a terminal that is 40 columns narrower. */
async function top(keys: string, columns = 100): Promise<Seen> {
  const { stdout } = await promisify(execFile)(
    'python3',
    [
      join(import.meta.dirname, 'terminal.py'),
      ...[String(columns), '16', 'web1', keys],
      ...[
        process.execPath,
        '--import',
        'tsx',
        'src/vmemctl/program/main.ts',
        '-a',
        host.address,
        'top',
      ],
    ],
    { cwd: root, env: { ...process.env, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TERM: 'xterm' } },
  );
  return JSON.parse(stdout) as Seen;
}

const lastFrame = ({ output }: Seen): string[] =>
  (output.split('\x1b[H').at(-1) ?? '').replaceAll(/\x1b\[[\d;?]*[A-Za-z]/g, '').split('\r\n');

needs('python3')('vmemctl top on a terminal', () => {
  test.each([
    ['q', 'q'],
    ['Ctrl-C', '\x03'],
    ['SIGTERM', 'T'],
  ])('the terminal is given back after %s', async (_, keys) => {
    const seen = await top(keys);
    expect(seen.output).toContain(SHOWN);
    expect(seen.output.endsWith(GIVEN_BACK)).toBe(true);
    expect([seen.status, seen.isRestored]).toEqual([0, true]);
    expect(lastFrame(seen).join('\n')).toMatch(/^web1 +Up/m);
  });

  test('a key changes the order, and a new size of the terminal the lines', async () => {
    const seen = await top('sRq', 100);
    const lines = lastFrame(seen);
    expect(lines.at(-1)).toContain('s sort: used');
    expect(lines.filter((line) => line.length > 60)).toEqual([]);
  });
});
