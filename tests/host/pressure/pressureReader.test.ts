import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { CallOptions } from '../../../src/host/hypervisor.ts';
import { PressureReader } from '../../../src/host/pressure/pressureReader.ts';
import { createSimulatedHost } from '../../../src/host/simulated/simulatedHost.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { recorder } from '../../support/call.ts';
import { procfs, rootWith } from '../../support/procfs.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const hypervisor = createSimulatedHost();
beforeAll(() => hypervisor.open());

const OWN = { meminfo_path: '', pressure_path: '', cgroup_path: '' };
const GIB = 1024 * 1024;
const calm = 'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n';

interface Given {
  readonly files?: Readonly<Record<string, string | undefined>>;
  readonly paths?: Partial<typeof OWN>;
}

function opened({ files = {}, paths = {} }: Given = {}) {
  const { lines, log } = recorder('warn');
  const proc = procfs({ 'proc/pressure/memory': calm, 'proc/vmstat': undefined, ...files });
  const clock = new VirtualClock();
  const reader = new PressureReader({ hypervisor, proc, paths: { ...OWN, ...paths }, clock, log });
  return { proc, clock, reader, warnings: () => lines.map(({ msg }) => msg) };
}

const read = (given?: Given) => opened(given).reader.read();

const meminfo = (sizes: Readonly<Record<string, number>>): string =>
  Object.entries(sizes)
    .map(([name, size]) => `${name}: ${String(size)} kB\n`)
    .join('');

test('a recent reading is shared, whoever asked for it, until it is too old', async () => {
  const { reader, proc, clock } = opened();
  const text = jest.spyOn(proc, 'text');
  const readings = () => text.mock.calls.filter(([path]) => path === 'proc/meminfo').length;
  const first = await reader.read();
  await clock.advance(Milliseconds(4000));
  expect(await reader.recent(Milliseconds(4500))).toBe(first);
  expect(readings()).toBe(1);
  await clock.advance(Milliseconds(500));
  const [second, shared] = await Promise.all([
    reader.recent(Milliseconds(4500)),
    reader.recent(Milliseconds(4500)),
  ]);
  expect(second).not.toBe(first);
  expect(shared).toBe(second);
  expect(readings()).toBe(2);
  expect(await reader.read()).not.toBe(second);
});

test("reads the host's memory, swap, stalls, huge pages and NUMA nodes", async () => {
  const files = {
    'proc/pressure/memory':
      'some avg10=2.50 avg60=0.00 avg300=0.00 total=4000000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1000000\n',
    'proc/vmstat': 'pswpin 10\npswpout 20\n',
  };
  await expect(read({ files })).resolves.toEqual({
    total: 16 * GIB,
    capacity: 16 * GIB,
    unused: 4_194_304,
    caches: 102_400 + 1_048_576 + 204_800,
    free: 4_194_304 + 102_400 + 1_048_576,
    available: 5_242_880,
    fileBacked: 0,
    shareable: 0,
    swapTotal: 2_097_152,
    swapFree: 1_048_576,
    swapIn: 40,
    swapOut: 80,
    stall: 2.5,
    stalls: { some: 4, full: 1 },
    hugepages: [
      { size: 1_048_576, total: 0, free: 0 },
      { size: 2048, total: 8, free: 3 },
    ],
    nodes: [
      { index: 0, total: 8_388_608, free: 6_291_456 },
      { index: 1, total: 8_388_608, free: 2_097_152 },
    ],
  });
});

test('huge pages are no part of what other guests can have', async () => {
  const text = meminfo({ MemTotal: 16 * GIB, Hugetlb: 4 * GIB });
  await expect(read({ files: { 'proc/meminfo': text } })).resolves.toMatchObject({
    total: 16 * GIB,
    capacity: 12 * GIB,
  });
});

describe('a named file', () => {
  test('stands for /proc/meminfo, and the rest stays the own', async () => {
    const root = rootWith({ low: 'MemTotal: 1000 kB\nMemAvailable: 10 kB\n' });
    const { reader, warnings } = opened({ paths: { meminfo_path: join(root, 'low') } });
    const pressure = await reader.read();
    expect(pressure).toMatchObject({ total: 1000, available: 10, stall: 0 });
    expect(pressure).not.toHaveProperty('free');
    expect(warnings()).toEqual([]);
  });

  test('stands for /proc/pressure/memory', async () => {
    const root = rootWith({ psi: 'some avg10=9.00 avg60=0.00 avg300=0.00 total=1\n' });
    await expect(read({ paths: { pressure_path: join(root, 'psi') } })).resolves.toMatchObject({
      stall: 9,
    });
  });
});

describe('a file that cannot be used', () => {
  test('is warned of once until it is good again', async () => {
    const root = rootWith({});
    const path = join(root, 'meminfo');
    const { reader, warnings } = opened({ paths: { meminfo_path: path } });
    await reader.read();
    await reader.read();
    expect(warnings()).toEqual([`${path} cannot be read: the hypervisor's figures are used`]);
    writeFileSync(path, meminfo({ MemTotal: 10, MemAvailable: 5 }));
    await reader.read();
    writeFileSync(path, 'nonsense');
    await reader.read();
    await reader.read();
    expect(warnings().slice(1)).toEqual([
      `${path} has no MemTotal: the hypervisor's figures are used`,
    ]);
  });

  test("leaves the hypervisor's figures", async () => {
    const pressure = await read({ files: { 'proc/meminfo': undefined } });
    const { total, free, buffers = 0, cached = 0 } = await hypervisor.hostMemory();
    expect(pressure).toMatchObject({ total, capacity: total, free: free + buffers + cached });
    expect(pressure).not.toHaveProperty('available');
  });

  test('leaves stalls unknown', async () => {
    const { reader, warnings } = opened({ files: { 'proc/pressure/memory': undefined } });
    const pressure = await reader.read();
    expect(pressure).not.toHaveProperty('stall');
    expect(pressure).not.toHaveProperty('stalls');
    expect(warnings()).toEqual([
      expect.stringContaining('/proc/pressure/memory cannot be read: boot the kernel with psi=1'),
    ]);
  });
});

test('a kernel without MemAvailable is warned of', async () => {
  const files = { 'proc/meminfo': meminfo({ MemTotal: 10, MemFree: 1, Buffers: 1, Cached: 1 }) };
  const { reader, warnings } = opened({ files });
  await expect(reader.read()).resolves.toMatchObject({ free: 3 });
  expect(warnings()).toEqual([expect.stringContaining('/proc/meminfo has no MemAvailable')]);
});

test('the hypervisor is waited for at most 2 s', async () => {
  const timeouts: unknown[] = [];
  const slow = {
    hostMemory: (options?: CallOptions) => {
      timeouts.push(options?.timeout);
      return hypervisor.hostMemory();
    },
  };
  const { log } = recorder();
  const proc = procfs({ 'proc/meminfo': undefined });
  const parts = { hypervisor: slow, proc, paths: OWN, clock: new VirtualClock(), log };
  await new PressureReader(parts).read();
  expect(timeouts).toEqual([2000]);
});

describe('guest memory in files', () => {
  test('is not available, though the kernel counts it so', async () => {
    const files = {
      'proc/meminfo': meminfo({ MemTotal: 16 * GIB, MemAvailable: 10 * GIB }),
      'proc/77/comm': 'qemu-system-x86\n',
      'proc/77/status': `Name:\tqemu-system-x86\nVmSize:\t ${String(6 * GIB)} kB\nRssFile:\t ${String(4 * GIB + 65_536)} kB\n`,
    };
    await expect(read({ files })).resolves.toMatchObject({
      available: 6 * GIB,
      fileBacked: 4 * GIB,
      shareable: 6 * GIB,
    });
  });
});

describe('a limit of the control group', () => {
  const sized = (total: number) => meminfo({ MemTotal: 16 * GIB, MemAvailable: total });
  const group = (folder: string, limit: number, used: number) => ({
    [`${folder}/memory.max`]: String(limit * 1024),
    [`${folder}/memory.current`]: String(used * 1024),
  });

  test('bounds what is left and what there is', async () => {
    const files = {
      'proc/meminfo': sized(10 * GIB),
      ...group('sys/fs/cgroup/machine.slice', 8 * GIB, 7 * GIB),
    };
    await expect(read({ files })).resolves.toMatchObject({
      total: 16 * GIB,
      capacity: 8 * GIB,
      available: GIB,
      limit: { path: '/sys/fs/cgroup/machine.slice/memory.max', limit: 8 * GIB, used: 7 * GIB },
    });
  });

  test('bounds nothing while the host has less', async () => {
    const files = {
      'proc/meminfo': sized(GIB),
      ...group('sys/fs/cgroup/machine.slice', 8 * GIB, GIB),
    };
    await expect(read({ files })).resolves.toMatchObject({ available: GIB });
  });

  test('is that of the group that guests are found in', async () => {
    const files = {
      'proc/meminfo': sized(10 * GIB),
      'proc/77/comm': 'qemu-kvm\n',
      'proc/77/status': 'Name:\tqemu-kvm\n',
      'proc/77/cgroup': '0::/pod/machine-qemu\\x2d1\\x2dweb.scope\n',
      ...group('sys/fs/cgroup/pod', 4 * GIB, 3 * GIB),
      ...group('sys/fs/cgroup/pod/machine-qemu\\x2d1\\x2dweb.scope', 2 * GIB, 2 * GIB),
    };
    await expect(read({ files })).resolves.toMatchObject({ available: GIB, capacity: 4 * GIB });
  });

  test('can be that of a named group, or none', async () => {
    const root = rootWith(group('limited', 4 * GIB, 0));
    const files = {
      'proc/meminfo': sized(10 * GIB),
      ...group('sys/fs/cgroup/machine.slice', GIB, 0),
    };
    const named = { files, paths: { cgroup_path: join(root, 'limited') } };
    await expect(read(named)).resolves.toMatchObject({ available: 4 * GIB });
    const none = await read({ files, paths: { cgroup_path: 'none' } });
    expect(none).toMatchObject({ available: 10 * GIB });
    expect(none).not.toHaveProperty('limit');
  });

  test('a named folder that is no group is warned of once', async () => {
    const root = rootWith({});
    const { reader, warnings } = opened({
      files: { 'proc/meminfo': sized(GIB) },
      paths: { cgroup_path: root },
    });
    await reader.read();
    await reader.read();
    expect(warnings()).toEqual([
      `${root} has no memory.current or memory.usage_in_bytes: no limit is respected`,
    ]);
  });
});
