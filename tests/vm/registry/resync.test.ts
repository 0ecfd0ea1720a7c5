import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { Resync } from '../../../src/vm/registry/resync.ts';
import { recorder } from '../../support/call.ts';
import { idOf, World } from '../../support/world.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const failing = () => Promise.reject(new HypervisorError('timed-out', 'busy'));

test('a VM that could not be read at a restart fails with Recovering, and is read later', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.domainXml = failing;
  await world.restart();
  await expect(world.call('VM.getStats', { vmID })).rejects.toMatchObject({ code: 99 });
  delete world.faults.domainXml;
  await world.seconds(6);
  expect(await world.status(vmID)).toBe('Up');
});

test('a listing that fails after a reconnect is repeated until it succeeds', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.host.disconnect();
  world.host.guest(vmID).crash();
  world.faults.listDomains = failing;
  world.host.reconnect();
  await world.seconds(12);
  expect(await world.status(vmID)).toBe('Up');
  delete world.faults.listDomains;
  await world.seconds(6);
  expect(await world.status(vmID)).toBe('Down');
});

test('a domain whose start event came while listing failed is adopted later', async () => {
  const world = await World.open();
  world.faults.listDomains = failing;
  await world.host.createDomain(
    `<domain type='kvm'><name>theirs</name><uuid>${idOf(7)}</uuid><memory>1048576</memory></domain>`,
    { paused: false },
  );
  await world.seconds(2);
  expect(world.vms.list()).toEqual([]);
  delete world.faults.listDomains;
  await world.seconds(6);
  expect(world.vms.list().map(({ id }) => id)).toEqual([idOf(7)]);
});

test('a change whose event was lost without a reconnect is found within a minute', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.vms.get(vmID).enter({ phase: 'paused' });
  await world.seconds(61);
  expect(await world.status(vmID)).toBe('Up');
});

test('a list that is older than an event does not restore a stopped VM', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  const list = await world.host.listDomains();
  world.faults.listDomains = async () => {
    delete world.faults.listDomains;
    world.host.guest(vmID).crash();
    await Promise.resolve();
    return list;
  };
  world.host.disconnect();
  world.host.reconnect();
  await world.seconds(1);
  expect(await world.status(vmID)).toBe('Down');
  await world.seconds(120);
  expect(await world.status(vmID)).toBe('Down');
});

test('a registry that was stopped does not list domains', async () => {
  const world = await World.open();
  world.vms.stop();
  world.calls.length = 0;
  await world.seconds(300);
  expect(world.calls).toEqual([]);
});

test('rounds never overlap, including the first one', async () => {
  const clock = new VirtualClock();
  let running = 0;
  let most = 0;
  let rounds = 0;
  const resync = new Resync({
    clock,
    log: recorder().log,
    round: async () => {
      most = Math.max(most, ++running);
      rounds++;
      await new Promise<void>((resolve) => clock.after(Milliseconds(1000), resolve));
      running--;
      return true;
    },
  });
  const started = resync.start();
  resync.request('quick');
  await clock.advance(Milliseconds(500));
  resync.request('thorough');
  await clock.advance(Milliseconds(5000));
  await started;
  expect({ most, rounds }).toEqual({ most: 1, rounds: 2 });
  resync.stop();
});

test('a listing that keeps failing has one warning, and a line when it succeeds again', async () => {
  const clock = new VirtualClock();
  const { lines, log } = recorder('info');
  let error: Error | undefined;
  const round = (): Promise<boolean> => (error ? Promise.reject(error) : Promise.resolve(true));
  const resync = new Resync({ clock, log, round });
  await resync.start();
  error = new HypervisorError('failed', 'internal error');
  await clock.advance(Milliseconds(90_000));
  expect(lines).toMatchObject([{ level: 40, reason: 'internal error' }]);
  error = undefined;
  await clock.advance(Milliseconds(6000));
  expect(lines).toHaveLength(2);
  error = new HypervisorError('unreachable', 'reported as disconnected');
  await clock.advance(Milliseconds(90_000));
  expect(lines).toHaveLength(2);
});

test('a domain that cannot be read has one warning until it can', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.domainXml = failing;
  await world.restart();
  await world.seconds(60);
  const warnings = () => world.lines.filter(({ msg }) => msg === 'a domain could not be read');
  expect(warnings().filter(({ level }) => Number(level) >= 40)).toMatchObject([{ vmId: vmID }]);
});
