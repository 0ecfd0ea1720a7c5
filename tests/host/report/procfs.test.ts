import { describe, expect, test } from '@jest/globals';
import { ksmNumber } from '../../../src/host/report/ksm.ts';
import { Procfs } from '../../../src/host/report/procfs.ts';
import { procfs, rootWith } from '../../support/procfs.ts';

describe('a machine', () => {
  const proc = procfs();

  test('memory figures, including names with brackets, without other lines', async () => {
    const meminfo = await proc.meminfo();
    expect(meminfo.get('MemTotal')).toBe(16_777_216);
    expect(meminfo.get('Active(anon)')).toBe(1_000_000);
    expect(meminfo.has('HugePages_Total')).toBe(false);
  });

  test('CPU times, boot time and load', async () => {
    expect(await proc.cpuTimes()).toEqual(
      new Map([
        ['all', { user: 1100, system: 400, idle: 8400 }],
        ['0', { user: 550, system: 200, idle: 4200 }],
      ]),
    );
    expect(await proc.bootTime()).toBe('1780000000');
    expect(await proc.load()).toBe('0.42');
  });

  test('flags of the first CPU, and the online CPUs', async () => {
    expect(await proc.cpuFlags()).toEqual(['fpu', 'vme', 'sse4_2']);
    expect(await proc.onlineCpus()).toEqual([0, 1, 2, 5]);
  });

  test('NUMA nodes in order', async () => {
    expect(await proc.numaNodes()).toEqual([
      { index: 0, cpus: [0, 1], total: 8_388_608, free: 6_291_456, distances: [10, 21] },
      { index: 1, cpus: [2, 5], total: 8_388_608, free: 2_097_152, distances: [21, 10] },
    ]);
    expect(await proc.autoNumaBalancing()).toBe(1);
  });

  test('huge pages, transparent huge pages and the page size', async () => {
    expect(await proc.hugepages()).toEqual([
      { size: 1_048_576, total: 0, free: 0 },
      { size: 2048, total: 8, free: 3 },
    ]);
    expect(await proc.transparentHugepages()).toBe('madvise');
    expect(await proc.pageSize()).toBe(4);
    expect(await ksmNumber(proc, 'pages_sharing')).toBe(1024);
  });

  test('firmware texts and the operating system', async () => {
    expect(await proc.firmware('sys_vendor')).toBe('QEMU');
    expect(await proc.firmware('product_serial')).toBeUndefined();
    expect((await proc.osRelease()).get('NAME')).toBe('Debian GNU/Linux');
    expect(await proc.line('proc/sys/kernel/osrelease')).toBe('6.1.0-40-amd64');
  });
});

test("an Arm CPU's flags, which are called Features", async () => {
  const proc = procfs({ 'proc/cpuinfo': 'processor\t: 0\nFeatures\t: fp asimd\n' });
  expect(await proc.cpuFlags()).toEqual(['fp', 'asimd']);
});

test('a node without files has no figures', async () => {
  const proc = new Procfs(rootWith({ 'sys/devices/system/node/node3/uevent': '' }));
  expect(await proc.numaNodes()).toEqual([
    { index: 3, cpus: [], total: undefined, free: undefined, distances: [] },
  ]);
});

test('huge pages with unreadable counts are left out', async () => {
  const proc = new Procfs(rootWith({ 'sys/kernel/mm/hugepages/hugepages-2048kB/demote': '' }));
  expect(await proc.hugepages()).toEqual([]);
});

test('missing files are absent or empty', async () => {
  const proc = new Procfs(rootWith({}));
  expect(await proc.meminfo()).toEqual(new Map());
  expect(await proc.osRelease()).toEqual(new Map());
  expect(await proc.cpuTimes()).toEqual(new Map());
  for (const list of [proc.cpuFlags(), proc.onlineCpus(), proc.numaNodes(), proc.hugepages()]) {
    expect(await list).toEqual([]);
  }
  for (const absent of [
    proc.bootTime(),
    proc.load(),
    proc.transparentHugepages(),
    proc.pageSize(),
    ksmNumber(proc, 'run'),
    proc.autoNumaBalancing(),
    proc.firmware('sys_vendor'),
    proc.line('proc/cmdline'),
  ]) {
    expect(await absent).toBeUndefined();
  }
});

test('without a root, this machine is read', async () => {
  expect((await new Procfs().meminfo()).get('MemTotal')).toBeGreaterThan(0);
});
