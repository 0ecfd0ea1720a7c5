import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { CpuUse } from '../../../src/host/report/cpuUse.ts';
import { Procfs } from '../../../src/host/report/procfs.ts';
import { rootWith } from '../../support/procfs.ts';

const stat = (...lines: readonly string[]): string =>
  [...lines, 'intr 1 2 3', 'btime 1780000000', ''].join('\n');
const first = stat(
  'cpu  1000 100 300 8000 400 50 50 0 0 0',
  'cpu0 500 50 150 4000 200 25 25 0 0 0',
  'cpu1 500 50 150 4000 200 25 25 0 0 0',
);
const later = stat(
  'cpu  1050 100 310 8040 400 50 50 0 0 0',
  'cpu0 550 50 150 4000 200 25 25 0 0 0',
  'cpu1 500 50 160 4040 200 25 25 0 0 0',
);

/** A machine whose /proc/stat can be replaced. */
function opened(text: string) {
  const root = rootWith({
    'proc/stat': text,
    'sys/devices/system/node/node0/cpulist': '0\n',
    'sys/devices/system/node/node1/cpulist': '1,7\n',
  });
  const proc = new Procfs(root);
  const use = new CpuUse(proc);
  return {
    measure: async () => use.measure(await proc.numaNodes()),
    says: (now: string) => {
      writeFileSync(join(root, 'proc/stat'), now);
    },
  };
}

const use = (cpuUser: string, cpuSys: string, cpuIdle: string) => ({ cpuUser, cpuSys, cpuIdle });

test('is present from the second read on, as text with two decimals', async () => {
  const { measure, says } = opened(first);
  expect(await measure()).toEqual({});
  says(later);
  expect(await measure()).toMatchObject(use('50.00', '10.00', '40.00'));
});

test('is also present for each CPU, with its NUMA node', async () => {
  const { measure, says } = opened(first);
  await measure();
  says(later);
  expect(await measure()).toEqual({
    ...use('50.00', '10.00', '40.00'),
    cpuStatistics: {
      0: { ...use('100.00', '0.00', '0.00'), nodeIndex: 0 },
      1: { ...use('0.00', '20.00', '80.00'), nodeIndex: 1 },
    },
  });
});

test('keeps its value if two reads fall into the same tick', async () => {
  const { measure, says } = opened(first);
  await measure();
  expect(await measure()).toEqual({});
  says(later);
  const before = await measure();
  expect(await measure()).toEqual(before);
});

test('is never negative, even if a counter goes back', async () => {
  const { measure, says } = opened(stat('cpu  100 0 0 100 50 0 0 0 0 0'));
  await measure();
  says(stat('cpu  200 0 0 100 40 0 0 0 0 0'));
  expect(await measure()).toMatchObject({ cpuIdle: '0.00' });
});

test('is absent if the machine has no counters', async () => {
  const { measure } = opened('');
  await measure();
  expect(await measure()).toEqual({});
});
