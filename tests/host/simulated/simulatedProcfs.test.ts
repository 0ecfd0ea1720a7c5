import { describe, expect, test } from '@jest/globals';
import { KiB, Milliseconds } from '../../../src/common/units.ts';
import { readMeminfo } from '../../../src/host/pressure/meminfo.ts';
import { readPsi } from '../../../src/host/pressure/psi.ts';
import { readSwapped } from '../../../src/host/pressure/swapRate.ts';
import { tuneKsm } from '../../../src/host/report/ksm.ts';
import { SimulatedProcfs } from '../../../src/host/simulated/simulatedProcfs.ts';
import { networks } from '../../../src/host/report/networks.ts';
import { createSimulatedHost } from '../../../src/host/simulated/simulatedHost.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const open = async (seed = 1) => {
  const host = createSimulatedHost({ seed });
  await host.open();
  return { host, proc: new SimulatedProcfs(host) };
};

test("its memory and CPUs are its hypervisor's", async () => {
  const { host, proc } = await open();
  const { cpus } = await host.node();
  const { total, free } = await host.hostMemory();
  const [node, ...more] = await proc.numaNodes();
  expect(more).toEqual([]);
  expect(node).toEqual({ index: 0, cpus: await proc.onlineCpus(), total, free, distances: [10] });
  expect(node?.cpus).toHaveLength(cpus);
  expect((await proc.cpuTimes()).size).toBe(cpus + 1);
});

test('it is idle, and has been up for days', async () => {
  const { proc } = await open();
  const { user, system, idle } = (await proc.cpuTimes()).get('all') ?? {
    user: 0,
    system: 0,
    idle: 0,
  };
  expect(idle / (user + system + idle)).toBeCloseTo(0.97, 3);
  expect(Number(await proc.bootTime())).toBeLessThan(Date.now() / 1000 - 24 * 3600);
  expect(Number(await proc.load())).toBeGreaterThan(0);
});

test("its processor has its vendor's virtualization flag", async () => {
  const flags = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8].map(async (seed) => {
      const { host, proc } = await open(seed);
      const { cpuModel } = await host.node();
      return [cpuModel.startsWith('EPYC'), (await proc.cpuFlags()).includes('svm')] as const;
    }),
  );
  expect(new Set(flags.map(([isAmd]) => isAmd)).size).toBe(2);
  for (const [isAmd, hasSvm] of flags) expect(hasSvm).toBe(isAmd);
});

test('it has neither huge nor shared pages', async () => {
  const { proc } = await open();
  expect(await proc.pageSize()).toBe(4);
  expect(await proc.transparentHugepages()).toBe('madvise');
  expect(await proc.hugepages()).toEqual([
    { size: 1_048_576, total: 0, free: 0 },
    { size: 2048, total: 0, free: 0 },
  ]);
});

test('its network is the one that the engine looks for, with a reserved address', async () => {
  const { proc } = await open();
  expect(await networks(proc, proc.addresses())).toMatchObject({
    nics: { eth0: { speed: 10_000 } },
    networks: { ovirtmgmt: { iface: 'ovirtmgmt', ipv4addrs: ['192.0.2.10/24'] } },
  });
});

test('writes to existing files can be read back', async () => {
  const { proc } = await open();
  await proc.write('sys/kernel/mm/ksm/run', '2');
  expect(await proc.number('sys/kernel/mm/ksm/run')).toBe(2);
  await expect(proc.write('sys/kernel/mm/ksm/walk', '2')).rejects.toThrow('ENOENT');
  expect(await proc.text('etc/hostname')).toBeUndefined();
});

/** Files of a host with that much memory, of which that much is left; `left` may be changed. */
function simulated(total: number, left: number) {
  const clock = new VirtualClock();
  const memory = { left };
  const host = createSimulatedHost();
  const proc = new SimulatedProcfs(
    {
      node: () => host.node(),
      hostMemory: () =>
        Promise.resolve({
          total: KiB(total),
          free: KiB(memory.left / 2),
          buffers: KiB(0),
          cached: KiB(memory.left / 2),
        }),
    },
    clock,
  );
  return { clock, memory, proc };
}

const psi = async (proc: SimulatedProcfs) =>
  readPsi((await proc.text('proc/pressure/memory')) ?? '')?.some;
const sizes = async (proc: SimulatedProcfs) => readMeminfo((await proc.text('proc/meminfo')) ?? '');
const swapped = async (proc: SimulatedProcfs) =>
  readSwapped((await proc.text('proc/vmstat')) ?? '', KiB(4));

test('with memory left it neither swaps nor waits', async () => {
  const { clock, proc } = simulated(1_000_000, 100_000);
  await clock.advance(Milliseconds(60_000));
  expect(await psi(proc)).toEqual({ avg10: 0, total: 0 });
  expect(await sizes(proc)).toMatchObject({ free: 100_000, available: 97_500, hugetlb: 0 });
  expect(await swapped(proc)).toEqual({ swapIn: 0, swapOut: 0 });
});

test('without memory left its tasks wait and it swaps, until there is some', async () => {
  const { clock, memory, proc } = simulated(1_000_000, 100_000);
  await psi(proc);
  memory.left = 0;
  await clock.advance(Milliseconds(30_000));
  expect(await psi(proc)).toEqual({ avg10: 95.02, total: 30 });
  const short = await sizes(proc);
  expect(short).toMatchObject({ available: 0, swapFree: 0 });
  expect(await swapped(proc)).toEqual({ swapIn: 0, swapOut: short?.swapTotal });
  memory.left = 100_000;
  await clock.advance(Milliseconds(60_000));
  expect(await psi(proc)).toEqual({ avg10: 0.24, total: 30 });
  expect(await swapped(proc)).toEqual({ swapIn: short?.swapTotal, swapOut: short?.swapTotal });
});

describe('its same-page merging', () => {
  const numbers = async (proc: SimulatedProcfs) => ({
    shared: await proc.number('sys/kernel/mm/ksm/pages_shared'),
    sharing: await proc.number('sys/kernel/mm/ksm/pages_sharing'),
  });

  test('merges a tenth of what it scans, up to a tenth of what guests occupy', async () => {
    const { clock, proc } = simulated(4_000_000, 2_000_000);
    await tuneKsm(proc, { run: 1, pages_to_scan: 100, sleep_millisecs: 10 });
    await clock.advance(Milliseconds(10_000));
    expect(await numbers(proc)).toEqual({ shared: 1250, sharing: 10_000 });
    await clock.advance(Milliseconds(3_600_000));
    expect(await numbers(proc)).toEqual({ shared: 9375, sharing: 75_000 });
  });

  test('keeps what it merged when it is stopped, and unmerges on request', async () => {
    const { clock, proc } = simulated(4_000_000, 2_000_000);
    await tuneKsm(proc, { run: 1 });
    await clock.advance(Milliseconds(10_000));
    await tuneKsm(proc, { run: 0 });
    const { sharing } = await numbers(proc);
    expect(sharing).toBeGreaterThan(0);
    await clock.advance(Milliseconds(10_000));
    expect(await numbers(proc)).toMatchObject({ sharing });
    await tuneKsm(proc, { run: 2 });
    expect(await numbers(proc)).toEqual({ shared: 0, sharing: 0 });
  });

  test('changes merge_across_nodes only while nothing is shared', async () => {
    const { clock, proc } = simulated(4_000_000, 2_000_000);
    await tuneKsm(proc, { run: 1 });
    await clock.advance(Milliseconds(10_000));
    await expect(tuneKsm(proc, { merge_across_nodes: 0 })).rejects.toThrow('EBUSY');
    await tuneKsm(proc, { merge_across_nodes: 1 });
    await tuneKsm(proc, { run: 2, merge_across_nodes: 0 });
    expect(await proc.number('sys/kernel/mm/ksm/merge_across_nodes')).toBe(0);
  });
});
