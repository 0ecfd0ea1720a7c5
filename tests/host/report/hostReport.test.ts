import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { HostReport } from '../../../src/host/report/hostReport.ts';
import { createSimulatedHost } from '../../../src/host/simulated/simulatedHost.ts';
import { SimulatedProcfs } from '../../../src/host/simulated/simulatedProcfs.ts';
import { procfs } from '../../support/procfs.ts';
import { withFaults } from '../../support/faults.ts';

const open = async () => {
  const { hypervisor, faults } = withFaults(createSimulatedHost());
  await hypervisor.open();
  return { report: new HostReport(hypervisor, procfs()), faults };
};

test('combines facts of the hypervisor and of the machine', async () => {
  const { report } = await open();
  expect(await report.capabilities()).toMatchObject({ memSize: '65536', onlineCpus: '0,1,2,5' });
  expect(await report.stats({ all: 1, up: 0 })).toMatchObject({ vmCount: 1, vmActive: 0 });
  expect(await report.hardware()).toMatchObject({ systemManufacturer: 'QEMU' });
});

test('rejects if the hypervisor does not answer', async () => {
  const { report, faults } = await open();
  faults.hostMemory = () => Promise.reject(new HypervisorError('timed-out', 'no answer'));
  await expect(report.capabilities()).rejects.toMatchObject({ kind: 'timed-out' });
  await expect(report.stats({ all: 0, up: 0 })).rejects.toMatchObject({ kind: 'timed-out' });
});

test('reports nothing of this machine for a simulated host', async () => {
  const host = createSimulatedHost();
  await host.open();
  const report = new HostReport(host, new SimulatedProcfs(host));
  const reported = { ...(await report.capabilities()), ...(await report.stats({ all: 0, up: 0 })) };
  const { cpus } = await host.node();
  expect(reported).toMatchObject({
    onlineCpus: Array.from({ length: cpus }, (_, cpu) => cpu).join(','),
    numaNodes: { 0: { totalMemory: '65536' } },
    swapTotal: 4096,
    swapFree: 4096,
    bridges: { ovirtmgmt: { addr: '192.0.2.10', ports: ['eth0'] } },
    operatingSystem: { name: 'Simulated host' },
  });
  const { free, cached = 0, buffers = 0 } = await host.hostMemory();
  expect(reported.memFree).toBe(Math.floor((free + cached + buffers) / 1024));
});
