import { expect, test } from '@jest/globals';
import { Procfs } from '../../src/host/report/procfs.ts';
import { HostReport } from '../../src/host/report/hostReport.ts';
import { createSimulatedHost } from '../../src/host/simulated/simulatedHost.ts';
import { procfsOf } from '../../src/service/connect.ts';

test('KSM tuned for simulated domains leaves this machine as it was', async () => {
  const host = createSimulatedHost();
  await host.open();
  const report = new HostReport(host, procfsOf(host));
  const onThisMachine = () => new Procfs().number('sys/kernel/mm/ksm/sleep_millisecs');
  const before = await onThisMachine();
  await report.tuneKsm({ run: 0, sleep_millisecs: 4321 });
  expect(await report.stats({ all: 0, up: 0 })).toMatchObject({ ksmState: false });
  expect(await onThisMachine()).toBe(before);
});

test('a host of real domains is reported from this machine', async () => {
  const host = createSimulatedHost();
  await host.open();
  const real = new Proxy(host, {
    get: (target, name) => {
      if (name === 'isReal') return true;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const { onlineCpus } = await new HostReport(real, procfsOf(real)).capabilities();
  expect(onlineCpus).toBe((await new Procfs().onlineCpus()).join(','));
});
