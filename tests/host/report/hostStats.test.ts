import { expect, test } from '@jest/globals';
import type { HostMemory } from '../../../src/host/hypervisor.ts';
import { Procfs } from '../../../src/host/report/procfs.ts';
import { HostStats } from '../../../src/host/report/hostStats.ts';
import { KiB } from '../../../src/common/units.ts';
import { validateResult } from '../../../src/api/verb.ts';
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
  const answer = await stats.measure(of, vms);
  validateResult(contract, answer);
  return answer;
};

test('free memory includes reclaimable caches, in MiB', async () => {
  expect(await read(new HostStats(procfs()))).toMatchObject({
    memFree: 4096 + 100 + 1024 + 200,
    memUsed: '67',
    swapTotal: 2048,
    swapFree: 1024,
    anonHugePages: '512',
  });
});

test("without cache figures free memory is the hypervisor's", async () => {
  const { total, free } = memory;
  expect(await read(new HostStats(procfs()), { total, free })).toMatchObject({ memFree: 4096 });
});

test('reports shared pages, huge pages and the setting of transparent huge pages', async () => {
  expect(await read(new HostStats(procfs()))).toMatchObject({
    ksmState: true,
    ksmPages: 100,
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

test('reports VMs, times and the fields of features that vmemd does not have', async () => {
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

test("shared memory is counted in the kernel's page size, on some machines 64 KiB", async () => {
  const proc = procfs({
    'proc/self/smaps': '10000000-10010000 r-xp 0 fe:00 26 /bin/node\nKernelPageSize:   64 kB\n',
  });
  expect(await read(new HostStats(proc))).toMatchObject({ memShared: 64 });
});

test("without KSM's counters only its state is reported", async () => {
  const proc = procfs({
    'sys/kernel/mm/ksm/pages_sharing': undefined,
    'sys/kernel/mm/ksm/pages_to_scan': undefined,
    'sys/kernel/mm/ksm/merge_across_nodes': undefined,
    'sys/kernel/mm/ksm/run': '0',
  });
  const answer = await read(new HostStats(proc));
  expect(answer).toMatchObject({ ksmState: false });
  for (const absent of ['ksmPages', 'memShared', 'ksmMergeAcrossNodes']) {
    expect(answer).not.toHaveProperty(absent);
  }
});

test('without a page size the shared memory is absent', async () => {
  const answer = await read(new HostStats(procfs({ 'proc/self/smaps': undefined })));
  expect(answer).toMatchObject({ ksmPages: 100 });
  expect(answer).not.toHaveProperty('memShared');
});

test('unknown values are absent', async () => {
  const stats = new HostStats(new Procfs(rootWith({})));
  await read(stats);
  const answer = await read(stats);
  expect(answer).toMatchObject({ swapTotal: 0, anonHugePages: '0', numaNodeMemFree: {} });
  for (const absent of ['ksmState', 'thpState', 'bootTime', 'cpuLoad', 'cpuUser']) {
    expect(answer).not.toHaveProperty(absent);
  }
});
