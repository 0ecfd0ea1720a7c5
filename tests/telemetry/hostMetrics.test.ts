import { describe, expect, test } from '@jest/globals';
import { KiB } from '../../src/common/units.ts';
import type { HostPressure } from '../../src/host/pressure/hostPressure.ts';
import { hostMetrics, type HostSources } from '../../src/telemetry/hostMetrics.ts';
import { seriesIn } from '../support/metricsPage.ts';

const bare: HostPressure = {
  total: KiB(1000),
  capacity: KiB(800),
  fileBacked: KiB(0),
  shareable: KiB(0),
  hugepages: [],
  nodes: [],
};

const series = (changes: Partial<HostPressure>, sources: Partial<HostSources> = {}) =>
  seriesIn(
    hostMetrics({ pressure: { ...bare, ...changes }, kept: {}, merging: undefined, ...sources }),
  );

const figures = (...given: Parameters<typeof series>): Readonly<Record<string, number>> =>
  Object.fromEntries(series(...given).map(({ name, value }) => [name, value]));

test('sizes are in bytes, times in seconds', () => {
  const stalls = { some: 1.5, full: 0.5 };
  expect(figures({ unused: KiB(1), available: KiB(2), stall: 50, stalls })).toMatchObject({
    vmemd_host_memory_bytes: 1_024_000,
    vmemd_host_memory_capacity_bytes: 819_200,
    vmemd_host_memory_free_bytes: 1024,
    vmemd_host_memory_available_bytes: 2048,
    vmemd_host_memory_pressure_ratio: 0.5,
    vmemd_host_memory_waiting_seconds_total: 1.5,
    vmemd_host_memory_stalled_seconds_total: 0.5,
  });
});

test('free memory and caches stand for what is available, if that is unknown', () => {
  expect(figures({ free: KiB(3) })).toMatchObject({ vmemd_host_memory_available_bytes: 3072 });
});

test('what is unknown has no series', () => {
  expect(Object.keys(figures({}))).toEqual([
    'vmemd_host_memory_bytes',
    'vmemd_host_memory_capacity_bytes',
    'vmemd_host_memory_file_backed_bytes',
  ]);
  expect(hostMetrics({ pressure: undefined, kept: {}, merging: undefined })).not.toMatch(/^\w/m);
});

describe('there is a series', () => {
  test('for the limit, with the file that sets it', () => {
    const limit = { path: '/sys/fs/cgroup/machine.slice/memory.max', limit: KiB(10), used: KiB(4) };
    const { path } = limit;
    expect(series({ limit }).filter(({ labels }) => 'path' in labels)).toEqual([
      { name: 'vmemd_host_memory_limit_bytes', labels: { path }, value: 10_240 },
      { name: 'vmemd_host_memory_limit_used_bytes', labels: { path }, value: 4096 },
    ]);
  });

  test('for each NUMA node and each size of huge pages', () => {
    const nodes = [{ index: 1, total: KiB(5), free: KiB(2) }];
    const hugepages = [{ size: KiB(2048), total: 3, free: 1 }];
    const found = series({ nodes, hugepages }).filter(({ labels }) => Object.keys(labels).length);
    expect(found.map(({ labels, value }) => [labels, value])).toEqual([
      [{ node: '1' }, 5120],
      [{ node: '1' }, 2048],
      [{ page_bytes: '2097152' }, 3 * 2_097_152],
      [{ page_bytes: '2097152' }, 2_097_152],
    ]);
  });

  test('for what the policy keeps available, and for what KSM saves', () => {
    const kept = { goal: KiB(2), reserve: KiB(1) };
    expect(figures({}, { kept, merging: { run: 1, saved: KiB(8) } })).toMatchObject({
      vmemd_host_memory_goal_bytes: 2048,
      vmemd_host_memory_reserve_bytes: 1024,
      vmemd_host_ksm_run: 1,
      vmemd_host_ksm_saved_bytes: 8192,
    });
  });
});
