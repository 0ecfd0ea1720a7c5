import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RotatedFile } from '../../../src/policy/trace/rotatedFile.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmemd-trace-'));
  path = join(folder, 'trace');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function written(lines: readonly string[], maxBytes: number, files: number) {
  const file = new RotatedFile({ path, maxBytes, files });
  for (const line of lines) await file.append(Buffer.from(line));
  await file.close();
}

const contents = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );

test('what does not fit begins a new file, and the oldest files go', async () => {
  await written(['aa\n', 'bb\n', 'cc\n', 'dd\n', 'ee\n', 'ff\n', 'gg\n'], 6, 3);
  expect(contents()).toEqual({ trace: 'gg\n', 'trace.1': 'ee\nff\n', 'trace.2': 'cc\ndd\n' });
});

test('one file is begun anew', async () => {
  await written(['aa\n', 'bb\n', 'cc\n'], 6, 1);
  expect(contents()).toEqual({ trace: 'cc\n' });
});

test('what is there is kept, up to the size, and a line that was cut off is ended', async () => {
  appendFileSync(path, 'aa\nb');
  await written(['cc\n'], 8, 2);
  expect(contents()).toEqual({ trace: 'aa\nb\ncc\n' });
  await written(['dd\n'], 8, 2);
  expect(contents()).toEqual({ trace: 'dd\n', 'trace.1': 'aa\nb\ncc\n' });
});

test('nobody else may read it', async () => {
  await written(['aa\n', 'bb\n'], 3, 2);
  for (const name of readdirSync(folder)) {
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  }
});

test('a file that is deleted or moved away meanwhile is begun anew', async () => {
  const file = new RotatedFile({ path, maxBytes: 100, files: 2 });
  await file.append(Buffer.from('aa\n'));
  rmSync(path);
  await file.append(Buffer.from('bb\n'));
  renameSync(path, join(folder, 'kept'));
  await file.append(Buffer.from('cc\n'));
  await file.close();
  expect(contents()).toEqual({ kept: 'bb\n', trace: 'cc\n' });
});

test('a line larger than the file may be is refused', async () => {
  await expect(written(['aaa\n'], 3, 2)).rejects.toThrow('larger than trace_max_bytes');
});

test('a pipe and a folder that is not there are refused, and tried again', async () => {
  execFileSync('mkfifo', [path]);
  const file = new RotatedFile({ path, maxBytes: 9, files: 2 });
  await expect(file.append(Buffer.from('aa\n'))).rejects.toThrow('ENXIO');
  rmSync(path);
  await file.append(Buffer.from('aa\n'));
  await file.close();
  expect(contents()).toEqual({ trace: 'aa\n' });
});

test('a device is refused', async () => {
  const file = new RotatedFile({ path: '/dev/full', maxBytes: 9, files: 2 });
  await expect(file.append(Buffer.from('aa\n'))).rejects.toThrow('/dev/full is not a file');
});
