import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ParametersFile } from '../../src/policy/parametersFile.ts';
import { recorder } from '../support/call.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'parameters-'));
});
afterEach(() => rm(root, { recursive: true }));

function opened() {
  const { lines, log } = recorder();
  const path = join(root, 'vmemd', 'mom-parameters.json');
  return { path, folder: join(root, 'vmemd'), lines, file: new ParametersFile(path, log) };
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test('reads what was written last, with no warning and nothing beside it', async () => {
  const { file, folder, lines } = opened();
  await file.write({ balloonEnabled: true });
  await file.write({ balloonEnabled: false, ksmEnabled: true });
  expect(await file.read()).toEqual({ balloonEnabled: false, ksmEnabled: true });
  expect(await readdir(folder)).toEqual(['mom-parameters.json']);
  expect(lines).toEqual([]);
});

test('makes a folder that only its owner may enter', async () => {
  const { file, folder, path } = opened();
  await file.write({ ksmEnabled: true });
  expect(await modeOf(folder)).toBe(0o700);
  expect(await modeOf(path)).toBe(0o600);
});

test('keeps the last of what is written at one time', async () => {
  const { file, lines } = opened();
  const values = Array.from({ length: 20 }, (_, i) => i % 3 === 0);
  await Promise.all(values.map((balloonEnabled) => file.write({ balloonEnabled })));
  expect(await file.read()).toEqual({ balloonEnabled: values.at(-1) });
  expect(lines).toEqual([]);
});

test('writes past what an unfinished write has left', async () => {
  const { file, folder, path, lines } = opened();
  await mkdir(folder);
  await writeFile(`${path}.new`, '{"ball');
  await file.write({ balloonEnabled: true });
  expect(await readFile(path, 'utf8')).toBe('{"balloonEnabled":true}\n');
  expect(lines).toEqual([]);
});

test('has nothing, and says nothing, before anything was written', async () => {
  const { file, lines } = opened();
  expect(await file.read()).toEqual({});
  expect(lines).toEqual([]);
});

describe('costs one warning and nothing else', () => {
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
  ])('a file that holds %j', async (text) => {
    const { file, folder, path, lines } = opened();
    await mkdir(folder);
    await writeFile(path, text);
    expect(await file.read()).toEqual({});
    expect(lines).toEqual([expect.objectContaining({ level: 40, path })]);
  });

  test('a file that cannot be read', async () => {
    const { file, path, lines } = opened();
    await mkdir(path, { recursive: true });
    expect(await file.read()).toEqual({});
    expect(lines).toEqual([expect.objectContaining({ level: 40, path })]);
  });

  test('a file that cannot be written, and the next one is written again', async () => {
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
