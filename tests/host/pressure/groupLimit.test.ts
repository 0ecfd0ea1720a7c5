import { expect, test } from '@jest/globals';
import { isMemoryGroup, tightestLimit } from '../../../src/host/pressure/groupLimit.ts';
import { HostFiles } from '../../../src/host/report/files.ts';
import { KiB } from '../../../src/common/units.ts';
import { rootWith } from '../../support/procfs.ts';

const HOST = { total: KiB(1_000_000), fileBacked: KiB(0) };
const SLICE = 'sys/fs/cgroup/machine.slice';
const bytes = (kib: number): string => `${String(kib * 1024)}\n`;

const limitIn = (files: Readonly<Record<string, string>>, host = HOST) =>
  tightestLimit(new HostFiles(rootWith(files)), SLICE, host);

const slice = (files: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${SLICE}/${name}`, text]));

test('a limit counts what is used without droppable caches', async () => {
  const limit = await limitIn(
    slice({
      'memory.max': bytes(500_000),
      'memory.high': 'max\n',
      'memory.current': bytes(300_000),
      'memory.stat': `anon 1\ninactive_file ${bytes(60_000)}active_file ${bytes(30_000)}slab_reclaimable ${bytes(10_000)}`,
    }),
  );
  expect(limit).toEqual({ path: `/${SLICE}/memory.max`, limit: 500_000, used: 200_000 });
});

test('files that are guest memory are not droppable', async () => {
  const files = slice({
    'memory.max': bytes(500_000),
    'memory.current': bytes(300_000),
    'memory.stat': `inactive_file ${bytes(60_000)}`,
  });
  await expect(limitIn(files, { ...HOST, fileBacked: KiB(50_000) })).resolves.toMatchObject({
    used: 290_000,
  });
});

test('memory.high counts where it is lower', async () => {
  const files = { 'memory.max': bytes(500_000), 'memory.high': bytes(400_000) };
  await expect(limitIn(slice({ ...files, 'memory.current': '0\n' }))).resolves.toEqual({
    path: `/${SLICE}/memory.high`,
    limit: 400_000,
    used: 0,
  });
});

test('a group above that leaves less is the tighter one', async () => {
  const files = {
    ...slice({ 'memory.max': bytes(500_000), 'memory.current': bytes(100_000) }),
    'sys/fs/cgroup/memory.max': bytes(600_000),
    'sys/fs/cgroup/memory.current': bytes(550_000),
  };
  await expect(limitIn(files)).resolves.toMatchObject({
    path: '/sys/fs/cgroup/memory.max',
    limit: 600_000,
  });
});

test('reads version 1 too', async () => {
  const files = slice({
    'memory.limit_in_bytes': bytes(500_000),
    'memory.usage_in_bytes': bytes(300_000),
    'memory.stat': `total_inactive_file ${bytes(100_000)}`,
  });
  await expect(limitIn(files)).resolves.toEqual({
    path: `/${SLICE}/memory.limit_in_bytes`,
    limit: 500_000,
    used: 200_000,
  });
});

test.each<[string, Record<string, string>]>([
  ['no files', {}],
  ['no limit', { 'memory.max': 'max\n', 'memory.current': '1024\n' }],
  [
    "version 1's none",
    { 'memory.limit_in_bytes': '9223372036854771712\n', 'memory.usage_in_bytes': '1024\n' },
  ],
  ["the host's total", { 'memory.max': bytes(1_000_000), 'memory.current': '0\n' }],
  ['nonsense', { 'memory.max': 'much\n', 'memory.current': '0\n' }],
  ['an unknown use', { 'memory.max': bytes(5), 'memory.current': '?\n' }],
])('%s: no limit', async (_, files) => {
  await expect(limitIn(slice(files))).resolves.toBeUndefined();
});

test('a folder with a size in use is a group', async () => {
  const files = new HostFiles(rootWith(slice({ 'memory.current': '0\n' })));
  await expect(isMemoryGroup(files, SLICE)).resolves.toBe(true);
  await expect(isMemoryGroup(files, 'sys/fs/cgroup')).resolves.toBe(false);
});
