import { expect, test } from '@jest/globals';
import { parseDomain } from '../../../src/domain-xml/parse.ts';
import { KiB } from '../../../src/common/units.ts';
import { bootGuest, dimmXml, GIB, MIB } from './support.ts';

const lifecycle = (event: string, detail: number) =>
  expect.objectContaining({ kind: 'lifecycle', event, detail });

test('after a managed save a guest continues without statistics, in a run with another id', async () => {
  const { host, uuid, events, sample, seconds } = await bootGuest();
  await host.attachDevice(uuid, dimmXml(128 * MIB));
  await seconds(5);
  const before = await sample();
  const run = parseDomain(await host.domainXml(uuid)).run;
  events.length = 0;
  const restore = host.guest(uuid).save();
  await seconds(60);
  expect(await host.listDomains()).toMatchObject([{ state: 'shut-off', reason: 5 }]);
  expect(() => host.guest(uuid).save()).toThrow('domain is not running');
  restore();
  await seconds(0);
  expect(events).toEqual([lifecycle('stopped', 4), lifecycle('started', 2)]);
  const { state, current, maximum, rss, cpuTimeNs } = before;
  expect(await sample()).toMatchObject({ state, current, maximum, rss, cpuTimeNs, lastUpdate: 0 });
  expect(await sample()).not.toHaveProperty('available');
  const after = parseDomain(await host.domainXml(uuid));
  expect(after.memoryDevices).toMatchObject([{ alias: 'dimm0' }]);
  expect(after.run).not.toBe(run);
});

test('a balloon keeps its size when memory is plugged or unplugged', async () => {
  const { host, uuid, seconds } = await bootGuest();
  const target = () => host.guest(uuid).balloonTarget();
  expect(target()).toBe(GIB);
  await host.setBalloon(uuid, KiB(600 * MIB));
  expect(target()).toBe(600 * MIB);
  await host.attachDevice(uuid, dimmXml(128 * MIB));
  expect(target()).toBe(728 * MIB);
  void host.detachDevice(uuid, 'dimm0');
  await seconds(5);
  expect(target()).toBe(600 * MIB);
});

test('each reset emits one reboot event, whatever its cause', async () => {
  const { host, uuid, events, seconds } = await bootGuest();
  const reboot = { kind: 'reboot', uuid };
  await host.resetDomain(uuid);
  await seconds(10);
  expect(events.splice(0)).toEqual([reboot]);
  await host.rebootDomain(uuid);
  await seconds(10);
  expect(events.splice(0)).toEqual([reboot]);
  host.guest(uuid).rebootFromInside();
  await seconds(10);
  expect(events).toEqual([reboot]);
});

test('a call that waits for the monitor fails when the run is saved', async () => {
  const { host, uuid, seconds } = await bootGuest();
  host.guest(uuid).hang();
  const call = host.attachDevice(uuid, dimmXml(128 * MIB));
  const restore = host.guest(uuid).save();
  await expect(call).rejects.toThrow('domain is not running');
  restore();
  await seconds(1);
  expect(parseDomain(await host.domainXml(uuid)).memoryDevices).toEqual([]);
});
