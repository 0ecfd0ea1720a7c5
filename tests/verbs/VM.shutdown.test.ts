import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { World } from '../support/world.ts';

refusesBadIds('VM.shutdown');

const shutdown = (world: World, vmID: string, params: object = {}) =>
  world.call('VM.shutdown', { vmID, ...params });
const deaf = { kernel: '/vmlinuz', kernelArgs: 'vmemd.sim=ignores-shutdown' };

test('a guest that obeys powers off and is Down by its owner', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(shutdown(world, vmID)).resolves.toBe(true);
  await expect(world.status(vmID)).resolves.toBe('Powering down');
  await world.seconds(10);
  await expect(world.stats(vmID)).resolves.toMatchObject({
    status: 'Down',
    exitCode: 0,
    exitReason: 6,
  });
});

test('accepts the forms of the engine and of vdsm-client: numbers as text, null for absent values', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  const params = { delay: '0', message: 'bye', timeout: null, force: 'false', reboot: false };
  await expect(shutdown(world, vmID, params)).resolves.toBe(true);
});

test('a guest that does not obey keeps running without force, and is Up again after a while', async () => {
  const world = await World.open();
  const vmID = await world.boot(1, deaf);
  await shutdown(world, vmID);
  await world.seconds(299);
  await expect(world.status(vmID)).resolves.toBe('Powering down');
  await world.seconds(1);
  await expect(world.status(vmID)).resolves.toBe('Up');
});

test.each([
  [{ force: true, timeout: 10 }, 10],
  [{ force: true }, 120],
  [{ force: 'true', timeout: '5' }, 5],
])('%j destroys a guest that has not obeyed after %i s', async (params, seconds) => {
  const world = await World.open();
  const vmID = await world.boot(1, deaf);
  await shutdown(world, vmID, params);
  await world.seconds(seconds - 0.1);
  await expect(world.status(vmID)).resolves.toBe('Powering down');
  await world.seconds(0.2);
  await expect(world.stats(vmID)).resolves.toMatchObject({ status: 'Down', exitReason: 6 });
});

test('force does not destroy a guest that has been started again since', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  const xml = await world.host.domainXml(vmID);
  await shutdown(world, vmID, { force: true, timeout: 30 });
  await world.seconds(10);
  await expect(world.status(vmID)).resolves.toBe('Down');
  await world.host.createDomain(xml, { paused: false });
  await world.seconds(60);
  await expect(world.host.listDomains()).resolves.toMatchObject([{ state: 'running' }]);
});

test('a forced end that fails is logged', async () => {
  const world = await World.open();
  const vmID = await world.boot(1, deaf);
  await shutdown(world, vmID, { force: true, timeout: 1 });
  world.faults.destroyDomain = () => Promise.reject(new HypervisorError('failed', 'device busy'));
  await world.seconds(2);
  expect(world.lines.at(-1)).toMatchObject({ vmId: vmID, reason: 'device busy' });
  await expect(world.status(vmID)).resolves.toBe('Powering down');
});

test('a forced end that fails is repeated until the VM has ended', async () => {
  const world = await World.open();
  const vmID = await world.boot(1, deaf);
  await shutdown(world, vmID, { force: true, timeout: 1 });
  world.host.disconnect();
  await world.seconds(3);
  world.host.reconnect();
  await world.seconds(5);
  await expect(world.status(vmID)).resolves.toBe('Down');
});

test('with reboot the guest reboots', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(shutdown(world, vmID, { reboot: true, force: true, timeout: 1 })).resolves.toBe(
    true,
  );
  await expect(world.status(vmID)).resolves.toBe('RebootInProgress');
  await world.seconds(60);
  await expect(world.status(vmID)).resolves.toBe('Up');
});

test('a guest that ends before the call returns stays Down', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.shutdownDomain = async () => {
    world.host.guest(vmID).shutDownFromInside();
    await world.seconds(1);
  };
  await shutdown(world, vmID);
  await expect(world.status(vmID)).resolves.toBe('Down');
});

test('a VM that has ended is refused', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.host.guest(vmID).crash();
  await world.seconds(1);
  await expect(shutdown(world, vmID)).rejects.toMatchObject({ code: 1 });
});

test.each([
  ['shutdownDomain', {}],
  ['rebootDomain', { reboot: true }],
] as const)("the hypervisor's error about %s reaches the client", async (operation, params) => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults[operation] = () => Promise.reject(new HypervisorError('failed', 'no agent'));
  await expect(shutdown(world, vmID, params)).rejects.toMatchObject({
    code: 16,
    message: 'Unexpected exception: no agent',
  });
  await expect(world.status(vmID)).resolves.toBe('Up');
});

test.each([
  { timeout: -1 },
  { timeout: 1.5 },
  { timeout: 86_401 },
  { timeout: 'soon' },
  { delay: {} },
  { message: 5 },
  { reboot: null },
  { force: 'perhaps' },
])('refuses %j', async (params) => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(shutdown(world, vmID, params)).rejects.toMatchObject({ code: -32602 });
  await expect(world.status(vmID)).resolves.toBe('Up');
});
