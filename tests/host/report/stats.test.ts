import { expect, test } from '@jest/globals';
import type { HostMemory } from '../../../src/host/hypervisor.ts';
import { Procfs } from '../../../src/host/report/procfs.ts';
import { HostStats } from '../../../src/host/report/stats.ts';
import { KiB } from '../../../src/units.ts';
import { validateResult } from '../../../src/verb.ts';
import contract from '../../../schema/verbs/Host.getStats.ts';
import { procfs, rootWith } from '../../support/procfs.ts';

const memory: HostMemory = {
  total: KiB(16_777_216),
  free: KiB(4_194_304),
  buffers: KiB(102_400),
  cached: KiB(1_048_576),
};
const vms = { all: 3, up: 2 };

const read = async (stats: HostStats, of: HostMemory = memory) => {
  const answer = await stats.read(of, vms);
  validateResult(contract, answer);
  return answer;
};

test('free memory is what is free and what the kernel would give back, in MiB', async () => {
  expect(await read(new HostStats(procfs()))).toMatchObject({
    memFree: 4096 + 100 + 1024 + 200,
    memUsed: '67',
    swapTotal: 2048,
    swapFree: 1024,
    anonHugePages: '512',
  });
});

test('a hypervisor that only knows what is free is believed', async () => {
  const { total, free } = memory;
  expect(await read(new HostStats(procfs()), { total, free })).toMatchObject({ memFree: 4096 });
});

test('pages that are shared, huge and transparently huge', async () => {
  expect(await read(new HostStats(procfs()))).toMatchObject({
    ksmState: true,
    ksmPages: 1024,
    ksmMergeAcrossNodes: false,
    memShared: 4,
    thpState: 'madvise',
    hugepages: {
      2048: { nr_hugepages: 8, free_hugepages: 3, 'vm.free_hugepages': 3 },
      1048576: { nr_hugepages: 0, free_hugepages: 0, 'vm.free_hugepages': 0 },
    },
    numaNodeMemFree: {
      0: { memFree: '6144', memPercent: 25 },
      1: { memFree: '2048', memPercent: 75 },
    },
  });
});

test('VMs, times and what others report about', async () => {
  expect(await read(new HostStats(procfs()))).toMatchObject({
    vmCount: 3,
    vmActive: 2,
    bootTime: '1780000000',
    cpuLoad: '0.42',
    dateTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d GMT$/),
    haStats: { configured: false },
    netConfigDirty: 'False',
  });
});

test('KSM without figures shares nothing', async () => {
  const proc = procfs({
    'sys/kernel/mm/ksm/pages_sharing': undefined,
    'sys/kernel/mm/ksm/run': '0',
  });
  expect(await read(new HostStats(proc))).toMatchObject({ ksmState: false, ksmPages: 0 });
});

test('what a machine does not tell is absent', async () => {
  const stats = new HostStats(new Procfs(rootWith({})));
  await read(stats);
  const answer = await read(stats);
  expect(answer).toMatchObject({ swapTotal: 0, anonHugePages: '0', numaNodeMemFree: {} });
  for (const absent of ['ksmState', 'thpState', 'bootTime', 'cpuLoad', 'cpuUser']) {
    expect(answer).not.toHaveProperty(absent);
  }
});
