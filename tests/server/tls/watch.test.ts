import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unwatchFile,
  watchFile,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Cancel } from '../../../src/common/clock.ts';
import { watchFiles } from '../../../src/server/tls/watch.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { until } from '../../support/until.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const interval = Milliseconds(10);
const settle = Milliseconds(40);

let folder: string;
let clock: VirtualClock;
let changes: number;
/** The files reported as changed since the last report. */
let seen: Set<string>;
let stops: Cancel[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmemd-watch-'));
  clock = new VirtualClock();
  changes = 0;
  seen = new Set();
  stops = [];
});
afterEach(() => {
  for (const stop of stops) stop();
  rmSync(folder, { recursive: true });
});

const path = (name: string): string => join(folder, name);

/** Starts watching, and waits until all files have been checked once. */
const watch = async (...names: string[]): Promise<void> => {
  const all = [...names, 'last'];
  stops.push(watchFiles(all.map(path), () => (changes += 1), { clock, interval, settle }));
  // listeners of a file share its last state, and are called in the order in which they were added
  for (const name of all) {
    const listener = (): void => void seen.add(name);
    watchFile(path(name), { interval, persistent: false }, listener);
    stops.push(() => {
      unwatchFile(path(name), listener);
    });
  }
  await until(() => {
    appendFileSync(path('last'), '.');
    return seen.has('last');
  });
  await reported();
  changes = 0;
};

/** Advances time until changes are reported. */
const reported = async (): Promise<void> => {
  await clock.advance(settle);
  seen.clear();
};

test('a file that is written, replaced by renaming, removed or created is noticed', async () => {
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
    await until(() => seen.has('a'));
    await reported();
    expect(changes).toBe(done + 1);
  }
});

test('a changed link in the path is noticed', async () => {
  for (const name of ['one', 'two']) {
    mkdirSync(path(name));
    writeFileSync(join(path(name), 'a'), 'same');
  }
  symlinkSync('one', path('current'));
  await watch('current/a');
  symlinkSync('two', path('next'));
  renameSync(path('next'), path('current'));
  await until(() => seen.has('current/a'));
  await reported();
  expect(changes).toBe(1);
});

test('files that change together are reported once', async () => {
  await watch('a', 'b');
  writeFileSync(path('a'), '1');
  writeFileSync(path('b'), '1');
  await until(() => seen.has('a') && seen.has('b'));
  expect(changes).toBe(0);
  await reported();
  expect(changes).toBe(1);
});
