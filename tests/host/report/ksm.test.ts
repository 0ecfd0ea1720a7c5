import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HostFiles } from '../../../src/host/report/files.ts';
import { SimulatedProcfs } from '../../../src/host/simulated/simulatedProcfs.ts';
import { KiB } from '../../../src/common/units.ts';
import {
  ksmNumber,
  ksmState,
  merging,
  type KsmTuning,
  tuneKsm,
} from '../../../src/host/report/ksm.ts';
import { createSimulatedHost } from '../../../src/host/simulated/simulatedHost.ts';
import { rootWith } from '../../support/procfs.ts';
import { assertProperty } from '../../support/property.ts';

const names = ['run', 'merge_across_nodes', 'sleep_millisecs', 'pages_to_scan'] as const;

function machine() {
  const root = rootWith(
    Object.fromEntries(names.map((name) => [`sys/kernel/mm/ksm/${name}`, '1\n'])),
  );
  const settings = () =>
    names.map((name) => parseInt(readFileSync(join(root, 'sys/kernel/mm/ksm', name), 'utf8'), 10));
  return { files: new HostFiles(root), settings };
}

test('writes the given settings and no others', async () => {
  const { files, settings } = machine();
  await tuneKsm(files, { run: 0, pages_to_scan: 64 });
  expect(settings()).toEqual([0, 1, 1, 64]);
  await tuneKsm(files, {});
  expect(settings()).toEqual([0, 1, 1, 64]);
});

test('takes back the settings written before one that the kernel refuses', async () => {
  const { files, settings } = machine();
  class Refusing extends HostFiles {
    override write(path: string, text: string): Promise<void> {
      if (path.endsWith('merge_across_nodes')) return Promise.reject(new Error('EBUSY'));
      return files.write(path, text);
    }
    override number(path: string): Promise<number | undefined> {
      return files.number(path);
    }
  }
  const tuning = { run: 2, sleep_millisecs: 7, merge_across_nodes: 0, pages_to_scan: 9 };
  await expect(tuneKsm(new Refusing(), tuning)).rejects.toThrow('merge_across_nodes');
  expect(settings()).toEqual([1, 1, 1, 1]);
});

test('keeps the given order, because the kernel accepts some values only after others', async () => {
  const written: string[] = [];
  class Noting extends HostFiles {
    override write(path: string, text: string): Promise<void> {
      written.push(`${path.slice(path.lastIndexOf('/') + 1)} ${text}`);
      return Promise.resolve();
    }
  }
  await tuneKsm(new Noting(), { run: 2, merge_across_nodes: 0, sleep_millisecs: 10 });
  expect(written).toEqual(['run 2', 'merge_across_nodes 0', 'sleep_millisecs 10']);
});

test.each<[object, string]>([
  [{ run: 0, walk: 1 }, 'walk cannot be set; give some of run, merge_across_nodes'],
  [{ run: 0, toString: 1 }, 'toString cannot be set'],
  [{ sleep_millisecs: 20, run: 3 }, 'run is 3; give a whole number from 0 to 2'],
  [{ sleep_millisecs: 20, merge_across_nodes: -1 }, 'merge_across_nodes is -1'],
  [{ run: 0, pages_to_scan: 4_294_967_296 }, 'from 0 to 4294967295'],
  [{ run: 0, sleep_millisecs: NaN }, 'sleep_millisecs is NaN'],
])('refuses %j before the first write', async (tuning, message) => {
  const { files, settings } = machine();
  await expect(tuneKsm(files, tuning as KsmTuning)).rejects.toThrow(message);
  expect(settings()).toEqual([1, 1, 1, 1]);
});

test("rejects with the kernel's error", async () => {
  const files = new HostFiles(rootWith({}));
  await expect(tuneKsm(files, { run: 1 })).rejects.toThrow(/^run cannot be set to 1: ENOENT/);
});

test('a machine without KSM has no KSM numbers', async () => {
  expect(await ksmNumber(new HostFiles(rootWith({})), 'run')).toBeUndefined();
});

test('every value in range is written and can be read back', async () => {
  const files = new SimulatedProcfs(createSimulatedHost());
  const upTo = (max: number) => fc.integer({ min: 0, max });
  const tunings = fc.record(
    {
      run: upTo(2),
      merge_across_nodes: upTo(2),
      sleep_millisecs: upTo(0xffff_ffff),
      pages_to_scan: upTo(0xffff_ffff),
    },
    { requiredKeys: [] },
  );
  await assertProperty(
    fc.asyncProperty(tunings, async (tuning) => {
      await tuneKsm(files, tuning);
      for (const [name, value] of Object.entries(tuning)) {
        expect(await ksmNumber(files, name)).toBe(value);
      }
    }),
  );
});

test('the state has the settings, the shared pages, and whether the kernel adjusts them by itself', async () => {
  const folder = 'sys/kernel/mm/ksm';
  const files = {
    [`${folder}/run`]: '1\n',
    [`${folder}/pages_shared`]: '7\n',
    [`${folder}/pages_to_scan`]: '100\n',
  };
  const state = (more: Readonly<Record<string, string>> = {}) =>
    ksmState(new HostFiles(rootWith({ ...files, ...more })));
  const settings = { run: 1, pages_to_scan: 100 };
  await expect(state()).resolves.toEqual({ settings, pagesShared: 7, advises: false });
  await expect(state({ [`${folder}/advisor_mode`]: '[none] scan-time\n' })).resolves.toMatchObject({
    advises: false,
  });
  await expect(state({ [`${folder}/advisor_mode`]: 'none [scan-time]\n' })).resolves.toMatchObject({
    advises: true,
  });
  await expect(ksmState(new HostFiles(rootWith({})))).resolves.toBeUndefined();
});

test('what it saves is known with the size of a page', async () => {
  const folder = 'sys/kernel/mm/ksm';
  const files = new HostFiles(
    rootWith({ [`${folder}/run`]: '1\n', [`${folder}/pages_sharing`]: '100\n' }),
  );
  await expect(merging(files, KiB(4))).resolves.toEqual({ run: 1, saved: 400 });
  await expect(merging(files)).resolves.toEqual({ run: 1, saved: undefined });
  await expect(merging(new HostFiles(rootWith({})), KiB(4))).resolves.toBeUndefined();
});
