import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { StateFile } from '../../src/common/stateFile.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { until } from '../support/until.ts';
import { VirtualClock } from '../support/virtualClock.ts';

interface Value {
  readonly size: number;
}

let folder: string;
let path: string;
let clock: VirtualClock;
let told: string[];
let file: StateFile<Value>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'state-'));
  path = join(folder, 'state.json');
  clock = new VirtualClock();
  told = [];
  file = new StateFile<Value>({
    path,
    version: 1,
    parse: (value) => value as Value,
    onError: (action) => told.push(action),
    onRecovery: () => told.push('recovery'),
    clock,
  });
});
afterEach(() => rm(folder, { recursive: true }));

const stored = async (): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));

test('what could not be written is written as soon as that is possible', async () => {
  // a folder in the file's place refuses it
  await mkdir(path);
  await file.write({ size: 1 });
  await clock.advance(Milliseconds(30_000));
  expect(told).toEqual(['writing']);
  expect(await readdir(folder)).toEqual(['state.json']);
  await rm(path, { recursive: true });
  while (!told.includes('recovery')) {
    await clock.advance(Milliseconds(5000));
    await sleep(2);
  }
  expect(await stored()).toEqual({ version: 1, size: 1 });
  expect(told).toEqual(['writing', 'recovery']);
});

test('what could not be written does not replace a newer value', async () => {
  await mkdir(path);
  await file.write({ size: 1 });
  await rm(path, { recursive: true });
  await file.write({ size: 2 });
  await clock.advance(Milliseconds(60_000));
  await file.write({ size: 3 });
  await until(() => told.length === 1);
  expect(await stored()).toEqual({ version: 1, size: 3 });
});
