import { expect, test } from '@jest/globals';
import { SimulatedProcfs } from '../../../src/host/simulated/simulatedProcfs.ts';
import { networks } from '../../../src/host/report/networks.ts';
import { createSimulatedHost } from '../../../src/host/simulated/simulatedHost.ts';

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
