import { expect, test } from '@jest/globals';
import { setCpuTune, updatePolicy } from '../../../src/vm/actions/cpuTune.ts';
import { held } from '../../support/faults.ts';
import { idOf, parameters, World } from '../../support/world.ts';

test('limits that were set are read back from the hypervisor', async () => {
  const world = await World.open();
  const vm = world.vms.get(await world.boot());
  await setCpuTune(vm, { quota: 50_000 });
  await setCpuTune(vm, { period: 90_000 });
  expect(vm.domain.cpuTune).toEqual({ quota: 50_000, period: 90_000 });
  world.faults.setCpuTune = () => Promise.resolve();
  await setCpuTune(vm, { quota: 70_000 });
  expect(vm.domain.cpuTune).toMatchObject({ quota: 50_000 });
});

test('two limits of one VM are set one after the other', async () => {
  const world = await World.open();
  const vm = world.vms.get(await world.boot());
  const { answer, release } = held<undefined>();
  world.calls.length = 0;
  world.faults.setCpuTune = () => answer;
  const both = Promise.all([
    setCpuTune(vm, { quota: 50_000 }),
    updatePolicy(vm, { vmId: vm.id, vcpuLimit: 50 }),
  ]);
  await world.seconds(1);
  expect(world.calls).toEqual(['setCpuTune']);
  release(undefined);
  await both;
  expect(world.calls.filter((call) => call.startsWith('set'))).toEqual([
    'setCpuTune',
    'setMetadata',
  ]);
});

test('limits of a VM that is starting are refused', async () => {
  const world = await World.open();
  await world.call('VM.create', { vmID: idOf(1), vmParams: parameters() });
  await expect(setCpuTune(world.vms.get(idOf(1)), { quota: 50_000 })).rejects.toMatchObject({
    name: 'CpuTuneError',
    message: expect.stringContaining('the VM is WaitForLaunch'),
  });
});

test('a policy with an empty list of I/O limits changes nothing', async () => {
  const world = await World.open();
  const vm = world.vms.get(await world.boot());
  world.calls.length = 0;
  await updatePolicy(vm, { vmId: vm.id, ioTune: [] });
  expect(world.calls).toEqual([]);
});

test('an error that the hypervisor did not raise is thrown unchanged', async () => {
  const world = await World.open();
  const vm = world.vms.get(await world.boot());
  world.faults.domainXml = () => Promise.resolve('<nonsense');
  await expect(updatePolicy(vm, { vmId: vm.id, vcpuLimit: 50 })).rejects.toMatchObject({
    name: 'DomainXmlError',
  });
});
