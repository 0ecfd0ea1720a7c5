import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parametersFile } from '../../../src/policy/mom/parametersFile.ts';
import { recorder } from '../../support/call.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'parameters-'));
});
afterEach(() => rm(root, { recursive: true }));

function opened() {
  const { lines, log } = recorder();
  const path = join(root, 'vmemd', 'mom-parameters.json');
  return { path, folder: join(root, 'vmemd'), lines, file: parametersFile(path, log) };
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test('reads the parameters of the last write, without warning or leftover files', async () => {
  const { file, folder, lines } = opened();
  await file.write({ balloonEnabled: true });
  await file.write({ balloonEnabled: false, ksmEnabled: true });
  expect(await file.read()).toEqual({ balloonEnabled: false, ksmEnabled: true });
  expect(await readdir(folder)).toEqual(['mom-parameters.json']);
  expect(lines).toEqual([]);
});

test('creates a folder that only its owner may enter', async () => {
  const { file, folder, path } = opened();
  await file.write({ ksmEnabled: true });
  expect(await modeOf(folder)).toBe(0o700);
  expect(await modeOf(path)).toBe(0o600);
});

test('keeps the last of concurrent writes', async () => {
  const { file, lines } = opened();
  const values = Array.from({ length: 20 }, (_, i) => i % 3 === 0);
  await Promise.all(values.map((balloonEnabled) => file.write({ balloonEnabled })));
  expect(await file.read()).toEqual({ balloonEnabled: values.at(-1) });
  expect(lines).toEqual([]);
});

test('replaces the leftover of an unfinished write', async () => {
  const { file, folder, path, lines } = opened();
  await mkdir(folder);
  await writeFile(`${path}.new`, '{"ball');
  await file.write({ balloonEnabled: true });
  expect(await readFile(path, 'utf8')).toBe('{"version":1,"balloonEnabled":true}\n');
  expect(lines).toEqual([]);
});

test('is empty before the first write, without warning', async () => {
  const { file, lines } = opened();
  expect(await file.read()).toBeUndefined();
  expect(lines).toEqual([]);
});

test('a file without a version is read', async () => {
  const { file, folder, path, lines } = opened();
  await mkdir(folder);
  await writeFile(path, '{"ksmEnabled":true}');
  expect(await file.read()).toEqual({ ksmEnabled: true });
  expect(lines).toEqual([]);
});

test('a file of a later format is left as it is, and each write says so', async () => {
  const { file, folder, path, lines } = opened();
  await mkdir(folder);
  await writeFile(path, '{"version":2,"balloonEnabled":true}');
  expect(await file.read()).toBeUndefined();
  await file.write({ balloonEnabled: false });
  expect(await readFile(path, 'utf8')).toBe('{"version":2,"balloonEnabled":true}');
  const said = {
    level: 40,
    err: expect.objectContaining({ message: expect.stringContaining('a later vmemd') }),
  };
  expect(lines).toEqual([expect.objectContaining(said), expect.objectContaining(said)]);
});

describe('causes one warning and no error', () => {
  test.each([
    'no JSON',
    '',
    'null',
    '[]',
    'true',
    '"text"',
    '{"balloonEnabled":1}',
    '{"balloonEnabled":true,"other":true}',
    '{"__proto__":true}',
  ])('a file with %j', async (text) => {
    const { file, folder, path, lines } = opened();
    await mkdir(folder);
    await writeFile(path, text);
    expect(await file.read()).toBeUndefined();
    expect(lines).toEqual([expect.objectContaining({ level: 40, path })]);
  });

  test('an unreadable file', async () => {
    const { file, path, lines } = opened();
    await mkdir(path, { recursive: true });
    expect(await file.read()).toBeUndefined();
    expect(lines).toEqual([expect.objectContaining({ level: 40, path })]);
  });

  test('a file that cannot be written once, and can the next time', async () => {
    const { file, folder, path, lines } = opened();
    await writeFile(folder, 'in the way');
    await file.write({ balloonEnabled: true });
    expect(lines).toEqual([expect.objectContaining({ level: 40, path })]);
    await rm(folder);
    await file.write({ balloonEnabled: true });
    expect(await file.read()).toEqual({ balloonEnabled: true });
    expect(lines).toHaveLength(1);
  });
});
