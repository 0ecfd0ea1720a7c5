import { describe, expect, test } from '@jest/globals';
import { parseDomain } from '../../../src/domain-xml/parse.ts';
import { KiB, Milliseconds, Seconds } from '../../../src/common/units.ts';
import { bootGuest, dimmXml, domainXml, GIB, MIB, openHost } from './support.ts';

const DIMM = 128 * MIB;

describe('a balloon', () => {
  test('moves at its rate to its target, with events on the way', async () => {
    const { host, uuid, sample, events, seconds } = await bootGuest();
    await host.setBalloon(uuid, KiB(GIB - 512 * MIB));
    expect(await sample()).toMatchObject({ current: GIB, maximum: GIB });
    await seconds(1);
    expect(await sample()).toMatchObject({ current: GIB - 256 * MIB });
    await seconds(5);
    expect(await sample()).toMatchObject({ current: GIB - 512 * MIB });
    expect(events).toEqual([
      { kind: 'balloon-change', uuid, current: GIB - 256 * MIB },
      { kind: 'balloon-change', uuid, current: GIB - 512 * MIB },
    ]);
    expect(parseDomain(await host.domainXml(uuid))).toMatchObject({
      memory: GIB,
      currentMemory: GIB - 512 * MIB,
    });
    await host.setBalloon(uuid, KiB(GIB));
    await seconds(5);
    expect(await sample()).toMatchObject({ current: GIB });
  });

  test('moves to currentMemory once the guest has booted', async () => {
    const { host, seconds } = await openHost();
    const { uuid } = await host.createDomain(domainXml({ current: 700 * MIB }), { paused: false });
    await seconds(2);
    expect((await host.sampleAll()).get(uuid)).toMatchObject({ current: GIB });
    await seconds(5);
    expect((await host.sampleAll()).get(uuid)).toMatchObject({ current: 700 * MIB });
  });

  test('takes no more than the guest can spare', async () => {
    const { host, uuid, sample, seconds } = await bootGuest({ cmdline: 'vmemd.sim=no-swap' });
    host.guest(uuid).setWorkingSet(KiB(600 * MIB));
    await host.setBalloon(uuid, KiB(100 * MIB));
    await seconds(30);
    const { current = 0 } = await sample();
    expect(current).toBeGreaterThan(600 * MIB);
    expect(current).toBeLessThan(700 * MIB);
  });

  test.each([
    ['above memory', GIB + 4, 'invalid argument: cannot set memory higher than max memory'],
    ['of nothing', 0, 'invalid argument: memory must be greater than 0'],
    ['of part of a KiB', 1.5, 'invalid argument: memory must be greater than 0'],
  ])('refuses a target %s', async (_, target, message) => {
    const { host, uuid } = await bootGuest();
    await expect(host.setBalloon(uuid, KiB(target))).rejects.toMatchObject({
      kind: 'invalid',
      message,
    });
  });

  const squeezed = async (autodeflate: string) => {
    const balloon = `<memballoon model='virtio'${autodeflate}><stats period='2'/></memballoon>`;
    const guest = await bootGuest({ balloon, cmdline: 'vmemd.sim=no-swap' });
    const before = await guest.sample();
    guest.host.guest(guest.uuid).setWorkingSet(KiB(200 * MIB));
    await guest.host.setBalloon(guest.uuid, KiB(GIB - 512 * MIB));
    await guest.seconds(5);
    const after = await guest.sample();
    const lost = (name: 'available' | 'unused' | 'usable'): number =>
      (before[name] ?? NaN) - (after[name] ?? NaN);
    return { ...guest, lost };
  };

  test.each([
    ['takes what it holds out of the total of a guest that cannot take it back', '', 512 * MIB],
    ['does the same with autodeflate off', " autodeflate='off'", 512 * MIB],
    ['leaves what it holds in the total of a guest that can take it back', " autodeflate='on'", 0],
  ])('%s', async (_, autodeflate, taken) => {
    const { lost, sample } = await squeezed(autodeflate);
    expect(await sample()).toMatchObject({ current: GIB - 512 * MIB });
    expect(lost('available')).toBe(taken);
    expect(lost('unused')).toBeGreaterThan(300 * MIB);
    expect(lost('usable')).toBeGreaterThan(300 * MIB);
  });

  test('returns memory by itself to a guest out of memory, above its target, with an event', async () => {
    const { host, uuid, events, sample, seconds } = await squeezed(" autodeflate='on'");
    events.length = 0;
    host.guest(uuid).setWorkingSet(KiB(700 * MIB));
    await seconds(5);
    const { current = 0 } = await sample();
    expect(current).toBeGreaterThan(700 * MIB);
    expect(events.at(-1)).toEqual({ kind: 'balloon-change', uuid, current });
  });

  test('returns nothing to a guest out of memory unless it can deflate by itself', async () => {
    const { host, uuid, events, sample, seconds } = await squeezed('');
    events.length = 0;
    host.guest(uuid).setWorkingSet(KiB(700 * MIB));
    await seconds(5);
    expect(await sample()).toMatchObject({ current: GIB - 512 * MIB });
    expect(events).toEqual([]);
  });

  test('that does not exist cannot be set, and has no statistics', async () => {
    const { host, uuid, sample } = await bootGuest({ balloon: "<memballoon model='none'/>" });
    const { current, maximum, lastUpdate, unused } = await sample();
    expect({ current, maximum, lastUpdate, unused }).toEqual({ current: GIB, maximum: GIB });
    await expect(host.setBalloon(uuid, KiB(GIB))).rejects.toThrow('without the balloon device');
    await expect(host.setStatsPeriod(uuid, Seconds(2))).rejects.toThrow('collection period');
  });

  test('without a driver in the guest accepts targets but does not move', async () => {
    const { host, uuid, sample, seconds } = await bootGuest({ cmdline: 'vmemd.sim=no-driver' });
    await host.setBalloon(uuid, KiB(600 * MIB));
    await seconds(30);
    expect(await sample()).toMatchObject({ current: GIB, lastUpdate: 0 });
  });
});

describe('statistics', () => {
  test('change once per period', async () => {
    const { sample, seconds } = await bootGuest();
    const first = await sample();
    await seconds(0.5);
    expect(await sample()).toMatchObject({ unused: first.unused, lastUpdate: first.lastUpdate });
    await seconds(2);
    expect((await sample()).lastUpdate).toBe((first.lastUpdate ?? 0) + 2);
  });

  test.each([
    ['without a period', { balloon: "<memballoon model='virtio'/>" }],
    ['from a driver that has none', { cmdline: 'vmemd.sim=no-stats' }],
  ])('are never reported %s', async (_, wanted) => {
    const { sample, seconds } = await bootGuest(wanted);
    await seconds(60);
    const { lastUpdate, available } = await sample();
    expect({ lastUpdate, available }).toEqual({ lastUpdate: 0, available: undefined });
  });

  test('follow a period that is set later, and stop with period 0', async () => {
    const { host, uuid, sample, seconds } = await bootGuest({
      balloon: "<memballoon model='virtio'/>",
    });
    await host.setStatsPeriod(uuid, Seconds(3));
    await seconds(3);
    const { lastUpdate } = await sample();
    expect(lastUpdate).toBeGreaterThan(0);
    expect(parseDomain(await host.domainXml(uuid)).balloon?.statsPeriod).toBe(3);
    await host.setStatsPeriod(uuid, Seconds(0));
    await seconds(60);
    expect(await sample()).toMatchObject({ lastUpdate });
    expect(parseDomain(await host.domainXml(uuid)).balloon?.statsPeriod).toBeUndefined();
    await expect(host.setStatsPeriod(uuid, Seconds(-1))).rejects.toMatchObject({
      kind: 'invalid',
    });
  });
});

describe('memory devices', () => {
  test('are used by the guest and counted in the XML', async () => {
    const { host, uuid, sample, events, seconds } = await bootGuest();
    const before = await sample();
    for (let i = 0; i < 3; i++) await host.attachDevice(uuid, dimmXml(DIMM));
    expect(await sample()).toMatchObject({ current: GIB + 3 * DIMM, maximum: GIB + 3 * DIMM });
    await seconds(4);
    const grown = ((await sample()).available ?? 0) - (before.available ?? 0);
    expect(grown).toBeGreaterThan(2.9 * DIMM);
    const { memory, memoryDevices } = parseDomain(await host.domainXml(uuid));
    expect(memory).toBe(GIB + 3 * DIMM);
    expect(memoryDevices.map(({ alias, address }) => [alias, address])).toEqual([
      ['dimm0', { slot: 0, base: '0x100000000' }],
      ['dimm1', { slot: 1, base: '0x108000000' }],
      ['dimm2', { slot: 2, base: '0x110000000' }],
    ]);
    expect(events.map(({ kind }) => kind)).toEqual(Array(3).fill('device-added'));
  });

  test('stay unused if the guest does not bring them online', async () => {
    const { host, uuid, sample, seconds } = await bootGuest({ cmdline: 'vmemd.sim=no-online' });
    const { available } = await sample();
    await host.attachDevice(uuid, dimmXml(DIMM));
    await seconds(10);
    expect(await sample()).toMatchObject({ available, current: GIB + DIMM });
    const gone = host.detachDevice(uuid, 'dimm0');
    await seconds(1);
    await gone;
    expect(await sample()).toMatchObject({ current: GIB });
  });

  test("do not change the balloon's size", async () => {
    const { host, uuid, sample, seconds } = await bootGuest();
    await host.setBalloon(uuid, KiB(GIB - 256 * MIB));
    await seconds(5);
    await host.attachDevice(uuid, dimmXml(DIMM));
    await seconds(5);
    expect(await sample()).toMatchObject({ current: GIB - 256 * MIB + DIMM });
  });

  test('present at the start are in use, with their addresses', async () => {
    const { host, uuid, sample } = await bootGuest({
      memory: GIB + DIMM,
      devices: dimmXml(DIMM, "<alias name='ua-first'/>"),
    });
    expect(await sample()).toMatchObject({ maximum: GIB + DIMM });
    expect((await sample()).available).toBeGreaterThan(GIB);
    expect(parseDomain(await host.domainXml(uuid)).memoryDevices).toMatchObject([
      { alias: 'ua-first', address: { slot: 0, base: '0x100000000' } },
    ]);
  });

  test('are released a little after the request', async () => {
    const { host, uuid, sample, events, clock, seconds } = await bootGuest();
    await host.attachDevice(uuid, dimmXml(DIMM, "<alias name='ua-mine'/>"));
    await seconds(3);
    let answeredAt = 0;
    const start = clock.now();
    const detached = host.detachDevice(uuid, 'ua-mine').then(() => {
      answeredAt = clock.now() - start;
    });
    await seconds(6);
    await detached;
    expect(answeredAt).toBe(800);
    expect(events.at(-1)).toEqual({ kind: 'device-removed', uuid, alias: 'ua-mine' });
    expect(parseDomain(await host.domainXml(uuid))).toMatchObject({
      memory: GIB,
      memoryDevices: [],
    });
    expect(await sample()).toMatchObject({ current: GIB, maximum: GIB });
  });

  test.each([
    ['does not want to', 'vmemd.sim=refuses-unplug', 100 * MIB],
    ['needs the memory', 'vmemd.sim=no-swap', GIB],
  ])('stay if the guest %s', async (_, cmdline, workingSet) => {
    const { host, uuid, events, seconds } = await bootGuest({ cmdline });
    await host.attachDevice(uuid, dimmXml(DIMM));
    await seconds(3);
    host.guest(uuid).setWorkingSet(KiB(workingSet));
    const refused = expect(host.detachDevice(uuid, 'dimm0')).rejects.toMatchObject({
      kind: 'refused',
      message: 'operation failed: unplug of device was rejected by the guest',
    });
    await seconds(1);
    await refused;
    expect(events.at(-1)).toEqual({ kind: 'device-removal-failed', uuid, alias: 'dimm0' });
    expect(parseDomain(await host.domainXml(uuid)).memoryDevices).toHaveLength(1);
  });

  test('requested from a paused guest are released when it is resumed', async () => {
    const { host, uuid, events, clock, seconds } = await bootGuest();
    await host.attachDevice(uuid, dimmXml(DIMM));
    await seconds(3);
    await host.suspendDomain(uuid);
    const start = clock.now();
    const detached = host.detachDevice(uuid, 'dimm0').then(() => clock.now() - start);
    await seconds(20);
    expect(await detached).toBe(5000);
    expect(parseDomain(await host.domainXml(uuid)).memoryDevices).toHaveLength(1);
    await host.resumeDomain(uuid);
    await seconds(2);
    expect(events.at(-1)).toEqual({ kind: 'device-removed', uuid, alias: 'dimm0' });
  });

  test('stay if a guest never replies, and may be requested again', async () => {
    const { host, uuid, events, seconds } = await bootGuest({
      cmdline: 'vmemd.sim=ignores-unplug',
    });
    await host.attachDevice(uuid, dimmXml(DIMM));
    const first = host.detachDevice(uuid, 'dimm0');
    await seconds(6);
    await first;
    host.guest(uuid).setBehaviour({ unplug: 'gives-back' });
    const second = host.detachDevice(uuid, 'dimm0');
    await seconds(1);
    await second;
    expect(events.map(({ kind }) => kind)).toEqual(['device-added', 'device-removed']);
  });

  test('stay if a guest has ignored the request, even if it would release them now', async () => {
    const { host, uuid, events, seconds } = await bootGuest({
      cmdline: 'vmemd.sim=ignores-unplug',
    });
    await host.attachDevice(uuid, dimmXml(DIMM));
    const asked = host.detachDevice(uuid, 'dimm0');
    await seconds(6);
    await asked;
    host.guest(uuid).setBehaviour({ unplug: 'gives-back' });
    await seconds(60);
    expect(events.map(({ kind }) => kind)).toEqual(['device-added']);
  });

  test('are released late, after a repeated request has waited as long as the first', async () => {
    const { host, uuid, events, clock, seconds } = await bootGuest();
    await host.attachDevice(uuid, dimmXml(DIMM));
    host.guest(uuid).setBehaviour({ unplugTime: Milliseconds(12_000) });
    const start = clock.now();
    const since = () => clock.now() - start;
    const first = host.detachDevice(uuid, 'dimm0').then(since);
    await seconds(6);
    expect(await first).toBe(5000);
    const second = host.detachDevice(uuid, 'dimm0').then(since);
    await seconds(5.5);
    expect(await second).toBe(11_000);
    expect(parseDomain(await host.domainXml(uuid)).memoryDevices).toHaveLength(1);
    await seconds(0.5);
    expect(events.at(-1)).toEqual({ kind: 'device-removed', uuid, alias: 'dimm0' });
  });

  test("requested again get the reply of the guest's current behaviour: refused, or none", async () => {
    for (const [unplug, expected] of [
      ['refuses', ['device-removal-failed']],
      ['ignores', []],
    ] as const) {
      const { host, uuid, events, seconds } = await bootGuest({ cmdline: 'vmemd.sim=slow-unplug' });
      await host.attachDevice(uuid, dimmXml(DIMM));
      const asked = host.detachDevice(uuid, 'dimm0');
      await seconds(6);
      await asked;
      host.guest(uuid).setBehaviour({ unplug });
      await seconds(6);
      expect(events.map(({ kind }) => kind)).toEqual(['device-added', ...expected]);
    }
  });

  test('are not released if the machine ends first', async () => {
    const { host, uuid } = await bootGuest();
    await host.attachDevice(uuid, dimmXml(DIMM));
    const detached = host.detachDevice(uuid, 'dimm0');
    const failed = expect(detached).rejects.toThrow('domain is not running');
    await host.listDomains();
    host.guest(uuid).crash();
    await failed;
  });

  test('that do not exist cannot be requested', async () => {
    const { host, uuid } = await bootGuest();
    await expect(host.detachDevice(uuid, 'dimm9')).rejects.toMatchObject({
      kind: 'invalid',
      message: "device not found: no device found with alias 'dimm9'",
    });
    await host.destroyDomain(uuid, { graceful: true });
    await expect(host.detachDevice(uuid, 'dimm9')).rejects.toMatchObject({
      kind: 'refused',
      message: 'Requested operation is not valid: domain is not running',
    });
  });
});

test("a busy guest's working set varies", async () => {
  const { sample, seconds } = await bootGuest({ cmdline: 'vmemd.sim=busy' });
  const seen = new Set<number | undefined>();
  for (let i = 0; i < 10; i++) {
    await seconds(6);
    seen.add((await sample()).unused);
  }
  expect(seen.size).toBeGreaterThan(5);
});

test('a guest below its working set swaps out, and swaps in afterwards', async () => {
  const { host, uuid, sample, seconds } = await bootGuest();
  host.guest(uuid).setWorkingSet(KiB(700 * MIB));
  await seconds(5);
  const before = await sample();
  expect(before).toMatchObject({ swapIn: 0, swapOut: 0 });
  await host.setBalloon(uuid, KiB(500 * MIB));
  await seconds(60);
  const during = await sample();
  expect(during.swapOut).toBeGreaterThan(200 * MIB);
  expect(during.majorFaults).toBeGreaterThan(before.majorFaults ?? 0);
  await host.setBalloon(uuid, KiB(GIB));
  await seconds(10);
  const after = await sample();
  expect(after.swapIn).toBe(after.swapOut);
  await seconds(60);
  expect(await sample()).toMatchObject({ swapIn: after.swapIn, swapOut: after.swapOut });
});

test('a guest whose next step is a fraction of a millisecond away does not busy-loop', async () => {
  const { host, clock, seconds } = await openHost();
  const bornAt = 30_000.2;
  await clock.advance(Milliseconds(bornAt));
  expect(bornAt + 3000 - bornAt).toBeLessThan(3000);
  const after = clock.after.bind(clock);
  let timers = 0;
  clock.after = (delay, run) => (++timers > 100 ? () => undefined : after(delay, run));
  const { uuid } = await host.createDomain(domainXml({ current: 700 * MIB }), { paused: false });
  await seconds(10);
  expect((await host.sampleAll()).get(uuid)).toMatchObject({ current: 700 * MIB });
  expect(timers).toBeLessThan(10);
});
