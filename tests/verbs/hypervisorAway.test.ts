import { expect, test } from '@jest/globals';
import { loadVerbs } from '../../src/api/loadVerbs.ts';
import { VdsmError } from '../../src/common/errors.ts';
import { World } from '../support/world.ts';

/** Params beside the VM's id that a verb requires. */
const PARAMS: Readonly<Record<string, object>> = {
  'Host.echo': { message: '' },
  'Host.reserveMemory': { amount: 1024 },
  'Host.setLogLevel': { level: 'INFO' },
  'Host.setMOMPolicyParameters': { key_value_store: {} },
  'Host.setMOMPolicy': { policyStr: '(set Host.x 1)' },
  'Host.setKsmTune': { tuningParams: { run: 0 } },
  'VM.hotplugMemory': { params: { memory: { device: 'memory', size: 256, node: 0 } } },
  'VM.hotunplugMemory': { params: { memory: { device: 'memory', alias: 'ua-1' } } },
  'VM.setBalloonTarget': { target: 786_432 },
  'VM.setCpuTunePeriod': { period: 10_000 },
  'VM.setCpuTuneQuota': { quota: 10_000 },
  'VM.setGuaranteedMemory': { guaranteed: 600 },
  'VM.setMemory': { memory: 2048 },
  'VM.setMemoryStatsPeriod': { period: 5 },
  'VM.setNextRun': { memory: 2048 },
  'VM.updateVmPolicy': { params: { vcpuLimit: 50 } },
};

test('no verb fails as by a bug while the hypervisor is away', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.host.disconnect('libvirtd was stopped');
  const unexpected: string[] = [];
  const calls = [...(await loadVerbs()).keys()].map((method) => {
    const id = method.startsWith('VM.') && { vmID };
    return world.call(method, { ...id, ...PARAMS[method] }).catch((error: unknown) => {
      if (!(error instanceof VdsmError)) unexpected.push(`${method}: ${String(error)}`);
    });
  });
  await Promise.all([...calls, world.seconds(60)]);
  expect(unexpected).toEqual([]);
});
