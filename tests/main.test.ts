import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..');

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function vmemd(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', 'src/main.ts', ...args],
      { cwd: root, env: { PATH: process.env['PATH'] } },
      (_, stdout, stderr) => {
        resolve({ status: child.exitCode ?? -1, stdout, stderr });
      },
    );
  });
}

describe('the program', () => {
  test('prints its version on stdout', async () => {
    expect(await vmemd('--version')).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^vmemd \d+\.\d+\.\d+\n$/) as unknown,
      stderr: '',
    });
  });

  test('ends with 2 and a message on stderr on a usage error', async () => {
    const { status, stdout, stderr } = await vmemd('--connect');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^vmemd: .*--help\.\n$/);
  });

  test('ends with 1 if its configuration cannot be read', async () => {
    const { status, stderr } = await vmemd('--config', '/nonexistent', '--check-config');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^vmemd: \/nonexistent cannot be read: ENOENT/);
  });
});
