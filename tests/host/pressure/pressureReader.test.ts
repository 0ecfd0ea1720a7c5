import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { PressureReader } from '../../../src/host/pressure/pressureReader.ts';
import { createSimulatedHost } from '../../../src/host/simulated/simulatedHost.ts';
import { procfs, rootWith } from '../../support/procfs.ts';

const hypervisor = createSimulatedHost();
beforeAll(() => hypervisor.open());

test("reads the host's memory, swap, huge pages and NUMA nodes", async () => {
  const reader = new PressureReader({ hypervisor, proc: procfs(), paths: { meminfo_path: '' } });
  await expect(reader.read()).resolves.toMatchObject({
    total: 16_777_216,
    free: 4_194_304 + 102_400 + 1_048_576,
    swapTotal: 2_097_152,
    swapFree: 1_048_576,
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

test('reads the configured file in place of /proc/meminfo', async () => {
  const root = rootWith({ meminfo: 'MemTotal: 1000 kB\nMemAvailable: 10 kB\n' });
  const paths = { meminfo_path: join(root, 'meminfo') };
  const pressure = await new PressureReader({ hypervisor, proc: procfs(), paths }).read();
  expect(pressure).toMatchObject({ total: 1000, available: 10 });
  expect(pressure).not.toHaveProperty('free');
});

test("takes the hypervisor's figures where the host has none", async () => {
  const proc = procfs({ 'proc/meminfo': undefined });
  const pressure = await new PressureReader({
    hypervisor,
    proc,
    paths: { meminfo_path: '' },
  }).read();
  const { total, free, buffers = 0, cached = 0 } = await hypervisor.hostMemory();
  expect(pressure).toMatchObject({ total, free: free + buffers + cached });
  expect(pressure).not.toHaveProperty('available');
});
