import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { systemClock, type Cancel } from '../../../src/common/clock.ts';
import { watchFiles } from '../../../src/server/tls/watch.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { until } from '../../support/until.ts';

let folder: string;
let changes = 0;
let stop: Cancel = () => undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmemd-watch-'));
  changes = 0;
});
afterEach(() => {
  stop();
  rmSync(folder, { recursive: true });
});

const path = (name: string): string => join(folder, name);
/** Begins to watch, and waits until all files have been looked at for the first time. */
const watch = async (...names: string[]): Promise<void> => {
  stop = watchFiles([...names, 'last'].map(path), () => (changes += 1), {
    clock: systemClock,
    interval: Milliseconds(10),
    settle: Milliseconds(40),
  });
  await until(() => {
    appendFileSync(path('last'), '.');
    return changes > 0;
  });
  changes = 0;
};

test('a file that is written, replaced by renaming, removed, or comes to be is noticed', async () => {
  await watch('a');
  const acts = [
    () => writeFileSync(path('a'), '1'),
    () => writeFileSync(path('a'), '22'),
    () => {
      writeFileSync(path('new'), '33');
      renameSync(path('new'), path('a'));
    },
    () => rmSync(path('a')),
  ];
  for (const [done, act] of acts.entries()) {
    act();
    await until(() => changes === done + 1);
  }
});

test('a link on the way that is turned elsewhere is noticed', async () => {
  for (const name of ['one', 'two']) {
    mkdirSync(path(name));
    writeFileSync(join(path(name), 'a'), 'same');
  }
  symlinkSync('one', path('current'));
  await watch('current/a');
  symlinkSync('two', path('next'));
  renameSync(path('next'), path('current'));
  await until(() => changes === 1);
});

test('files that change together are one change', async () => {
  await watch('a', 'b');
  writeFileSync(path('a'), '1');
  writeFileSync(path('b'), '1');
  await until(() => changes > 0);
  writeFileSync(path('a'), '22');
  await until(() => changes > 1);
  expect(changes).toBe(2);
});
