import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/common/clock.ts';
import { parseDomain } from '../../../src/domain-xml/parse.ts';
import { createSimulatedHost } from '../../../src/host/simulated/simulatedHost.ts';
import { KiB, Milliseconds, Seconds } from '../../../src/common/units.ts';
import { bootGuest, dimmXml, domainXml, GIB, MIB, openHost, uuidOf } from './support.ts';

const lifecycle = (event: string, detail = 0) =>
  expect.objectContaining({ kind: 'lifecycle', event, detail });

describe('a domain', () => {
  test('is defined, started and listed', async () => {
    const { host, events, seconds } = await openHost();
    const made = await host.createDomain(domainXml(), { paused: false });
    expect(made).toEqual({
      uuid: uuidOf(1),
      name: 'vm1',
      state: 'running',
      reason: 1,
    });
    expect(await host.listDomains()).toEqual([made]);
    await seconds(0);
    expect(events).toEqual([lifecycle('defined'), lifecycle('started')]);
  });

  test('can start paused, and then its guest does not boot', async () => {
    const { host, events, seconds } = await openHost();
    const { uuid, state } = await host.createDomain(domainXml(), { paused: true });
    expect(state).toBe('paused');
    await seconds(20);
    expect((await host.sampleAll()).get(uuid)).toMatchObject({ state: 'paused', lastUpdate: 0 });
    expect(events.at(-1)).toEqual(lifecycle('suspended'));
    await host.resumeDomain(uuid);
    await seconds(6);
    expect((await host.sampleAll()).get(uuid)?.lastUpdate).toBeGreaterThan(0);
  });

  test('gets a UUID and a balloon if its XML has none', async () => {
    const { host } = await openHost();
    const xml = domainXml({ balloon: '' }).replace(/<uuid>.*<\/uuid>/, '');
    const { uuid } = await host.createDomain(xml, { paused: false });
    expect(uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-a[\da-f]{3}-[\da-f]{12}$/);
    expect(parseDomain(await host.domainXml(uuid))).toMatchObject({
      uuid,
      balloon: { model: 'virtio' },
      minGuarantee: 524288,
    });
  });

  test("has an id while it runs, and its definition's XML afterwards", async () => {
    const { host, uuid } = await bootGuest();
    expect(await host.domainXml(uuid)).toMatch(/<domain type="kvm" id="1">/);
    await host.destroyDomain(uuid, { graceful: true });
    expect(await host.domainXml(uuid)).not.toMatch(/id="1"/);
  });

  test('that was destroyed stays defined until it is undefined', async () => {
    const { host, uuid, events, seconds } = await bootGuest();
    await host.destroyDomain(uuid, { graceful: false });
    expect(await host.listDomains()).toMatchObject([{ state: 'shut-off', reason: 2 }]);
    expect((await host.sampleAll()).size).toBe(0);
    await host.undefineDomain(uuid);
    expect(await host.listDomains()).toEqual([]);
    await seconds(0);
    expect(events).toEqual([lifecycle('stopped', 1), lifecycle('undefined')]);
    await expect(host.undefineDomain(uuid)).rejects.toMatchObject({
      kind: 'no-domain',
      message: `Domain not found: no domain with matching uuid '${uuid}'`,
    });
  });

  test('that was undefined while it ran disappears when it stops', async () => {
    const { host, uuid } = await bootGuest();
    await host.undefineDomain(uuid);
    expect(await host.listDomains()).toMatchObject([{ state: 'running' }]);
    await expect(host.undefineDomain(uuid)).rejects.toMatchObject({ kind: 'refused' });
    await host.destroyDomain(uuid, { graceful: true });
    expect(await host.listDomains()).toEqual([]);
  });

  test('that was undefined and shuts down is not listed', async () => {
    const { host, uuid, clock } = await bootGuest();
    await host.undefineDomain(uuid);
    await host.shutdownDomain(uuid);
    await clock.advance(Milliseconds(2000));
    expect(await host.listDomains()).toEqual([]);
  });

  test('can be started again from its definition, with a new id', async () => {
    const { host, uuid } = await bootGuest();
    await host.destroyDomain(uuid, { graceful: true });
    await host.createDomain(domainXml(), { paused: false });
    expect(await host.domainXml(uuid)).toMatch(/id="2"/);
    expect(await host.listDomains()).toHaveLength(1);
  });

  test('has a unique name and UUID', async () => {
    const { host } = await bootGuest();
    for (const xml of [
      domainXml(),
      domainXml({ name: 'other' }),
      domainXml({ n: 2, name: 'vm1' }),
    ]) {
      await expect(host.createDomain(xml, { paused: false })).rejects.toMatchObject({
        kind: 'exists',
      });
    }
    expect(await host.listDomains()).toHaveLength(1);
  });

  test('is refused on a full host', async () => {
    const { host } = await bootGuest({}, { maxDomains: 1 });
    await expect(host.createDomain(domainXml({ n: 2 }), { paused: false })).rejects.toMatchObject({
      kind: 'refused',
    });
  });

  test.each([
    ['no XML', 'nonsense'],
    ['a DOCTYPE', `<!DOCTYPE domain>${domainXml()}`],
    ['two balloons', domainXml({ balloon: "<memballoon model='virtio'/>".repeat(2) })],
    ['more memory than its maximum', domainXml({ memory: 8 * GIB })],
    ['no memory', domainXml({ memory: 0 })],
    ['an unknown word for the simulation', domainXml({ cmdline: 'vmemd.sim=fly' })],
  ])('with %s is refused and leaves nothing behind', async (_, xml) => {
    const { host } = await openHost();
    await expect(host.createDomain(xml, { paused: false })).rejects.toMatchObject({
      kind: 'invalid',
    });
    expect(await host.listDomains()).toEqual([]);
  });

  test('keeps metadata, live and for the next start', async () => {
    const { host, uuid, events, seconds } = await bootGuest();
    const uri = 'http://ovirt.org/vm/1.0';
    for (const target of [1, 2]) {
      await host.setMetadata(uuid, {
        prefix: 'ovirt-vm',
        uri,
        xml: `<vm><balloonTarget type="int">${String(target)}</balloonTarget></vm>`,
      });
    }
    expect(parseDomain(await host.domainXml(uuid)).metadata).toEqual({ balloonTarget: 2 });
    await host.destroyDomain(uuid, { graceful: true });
    expect(parseDomain(await host.domainXml(uuid)).metadata).toEqual({ balloonTarget: 2 });
    await seconds(0);
    expect(events[0]).toEqual({ kind: 'metadata-change', uuid });
    await expect(host.setMetadata(uuid, { prefix: 'x', uri, xml: '<a>' })).rejects.toMatchObject({
      kind: 'invalid',
    });
  });
});

describe('a guest', () => {
  test('shuts down a while after a request', async () => {
    const { host, uuid, events, seconds } = await bootGuest();
    await host.shutdownDomain(uuid);
    await seconds(1);
    expect(await host.listDomains()).toMatchObject([{ state: 'running' }]);
    await seconds(1);
    expect(await host.listDomains()).toMatchObject([{ state: 'shut-off', reason: 1 }]);
    expect(events).toEqual([lifecycle('shutdown', 1), lifecycle('stopped')]);
  });

  test('ignores a shutdown request before it has booted, or always by its behaviour', async () => {
    const { host, seconds } = await openHost();
    const stubborn = domainXml({ n: 2, cmdline: 'quiet vmemd.sim=ignores-shutdown' });
    const guests = [
      await host.createDomain(domainXml(), { paused: false }),
      await host.createDomain(stubborn, { paused: false }),
    ];
    await host.shutdownDomain(uuidOf(1));
    await seconds(5);
    await host.shutdownDomain(uuidOf(2));
    await seconds(60);
    expect(await host.listDomains()).toEqual(guests);
  });

  test('that crashes or powers off by itself emits an event', async () => {
    const { host, uuid, events, seconds } = await bootGuest();
    host.guest(uuid).crash();
    expect(await host.listDomains()).toMatchObject([{ state: 'shut-off', reason: 3 }]);
    await host.createDomain(domainXml(), { paused: false });
    host.guest(uuid).shutDownFromInside();
    await seconds(0);
    expect(events).toEqual([
      lifecycle('stopped', 5),
      lifecycle('defined', 1),
      lifecycle('started'),
      lifecycle('shutdown', 1),
      lifecycle('stopped'),
    ]);
    expect(() => {
      host.guest(uuid).crash();
    }).toThrow('domain is not running');
  });

  test('does not advance while it is paused', async () => {
    const { host, uuid, sample, events, seconds } = await bootGuest();
    await host.suspendDomain(uuid);
    await host.suspendDomain(uuid);
    const before = await sample();
    await host.setBalloon(uuid, KiB(600 * MIB));
    await seconds(30);
    expect(await sample()).toEqual(before);
    await host.resumeDomain(uuid);
    await expect(host.resumeDomain(uuid)).rejects.toThrow('domain is already running');
    expect(await host.listDomains()).toMatchObject([{ state: 'running', reason: 5 }]);
    await seconds(10);
    expect(await sample()).toMatchObject({ current: 600 * MIB });
    expect((await sample()).lastUpdate).toBe((before.lastUpdate ?? 0) + 40);
    expect(events.slice(0, 2)).toEqual([lifecycle('suspended'), lifecycle('resumed')]);
  });

  test.each(['resetDomain', 'rebootDomain'] as const)('boots again after %s', async (method) => {
    const { host, uuid, sample, seconds } = await bootGuest();
    await host.attachDevice(uuid, dimmXml(128 * MIB));
    await host.setBalloon(uuid, KiB(600 * MIB));
    await seconds(10);
    const before = await sample();
    await host[method](uuid);
    expect(await sample()).toMatchObject({
      current: GIB + 128 * MIB,
      lastUpdate: before.lastUpdate,
    });
    await seconds(10);
    const after = await sample();
    expect(after.current).toBe(600 * MIB);
    expect(after.cpuTimeNs).toBeGreaterThan(before.cpuTimeNs ?? 0n);
  });

  test('that has not booted ignores a reboot request', async () => {
    const { host, events, seconds } = await openHost();
    const { uuid } = await host.createDomain(domainXml(), { paused: false });
    await seconds(2);
    await host.rebootDomain(uuid);
    await seconds(3);
    expect(events).not.toContainEqual({ kind: 'reboot', uuid });
    expect((await host.sampleAll()).get(uuid)?.lastUpdate).toBeGreaterThan(0);
  });
});

describe('a guest whose monitor hangs', () => {
  test('answers no monitor call until it is released, and does not block other guests', async () => {
    const { host, uuid, seconds } = await bootGuest();
    await host.createDomain(domainXml({ n: 2 }), { paused: false });
    const release = host.guest(uuid).hang();
    expect(host.guest(uuid).hang()).toBe(release);
    let answers = 0;
    const call = host.setBalloon(uuid, KiB(700 * MIB)).then(() => answers++);
    await seconds(60);
    expect(answers).toBe(0);
    expect([...(await host.sampleAll()).keys()]).toEqual([uuidOf(2)]);
    expect(await host.domainXml(uuid)).toContain('<name>vm1</name>');
    await expect(host.destroyDomain(uuid, { graceful: true })).rejects.toThrow('busy');
    release();
    await call;
    await seconds(10);
    expect((await host.sampleAll()).get(uuid)).toMatchObject({ current: 700 * MIB });
  });

  test('carries out a timed-out call later', async () => {
    const { host, uuid, seconds, sample } = await bootGuest();
    const release = host.guest(uuid).hang();
    const call = host.setBalloon(uuid, KiB(700 * MIB), { timeout: Milliseconds(3000) });
    const failed = expect(call).rejects.toMatchObject({ kind: 'timed-out' });
    await seconds(3);
    await failed;
    release();
    await seconds(10);
    expect(await sample()).toMatchObject({ current: 700 * MIB });
  });

  test('can be destroyed, which ends the waiting calls', async () => {
    const { host, uuid } = await bootGuest();
    host.guest(uuid).hang();
    const call = host.suspendDomain(uuid);
    await host.destroyDomain(uuid, { graceful: false });
    await expect(call).rejects.toThrow('domain is not running');
  });
});

describe('a host', () => {
  test('refuses calls before it is opened and after it is closed', async () => {
    const { host } = await bootGuest();
    await host.close();
    expect(host.isConnected).toBe(false);
    await expect(host.listDomains()).rejects.toMatchObject({ kind: 'unreachable' });
    await host.open();
    expect(await host.listDomains()).toHaveLength(1);
  });

  test('that disconnects emits an event, fails pending calls and misses events', async () => {
    const { host, uuid, events, seconds } = await bootGuest();
    host.guest(uuid).hang();
    const call = host.setBalloon(uuid, KiB(GIB));
    host.disconnect();
    host.disconnect();
    await expect(call).rejects.toMatchObject({ kind: 'unreachable' });
    host.guest(uuid).crash();
    host.reconnect();
    host.reconnect();
    await seconds(0);
    expect(events).toEqual([
      { kind: 'disconnected', reason: 'the simulated host went away' },
      { kind: 'reconnected' },
    ]);
    expect(await host.listDomains()).toMatchObject([{ state: 'shut-off' }]);
  });

  test('does not call a removed listener', async () => {
    const { host, seconds } = await openHost();
    const heard: unknown[] = [];
    const leave = host.listen((event) => heard.push(event));
    await host.createDomain(domainXml(), { paused: false });
    await seconds(0);
    leave();
    await host.destroyDomain(uuidOf(1), { graceful: true });
    await seconds(0);
    expect(heard).toEqual([lifecycle('defined'), lifecycle('started')]);
  });

  test('has less free memory the more its guests occupy', async () => {
    const { host, uuid, seconds } = await bootGuest({}, { memory: KiB(8 * GIB) });
    const booted = await host.hostMemory();
    host.guest(uuid).setWorkingSet(KiB(800 * MIB));
    await seconds(5);
    const busy = await host.hostMemory();
    expect(busy.free).toBeLessThan(booted.free - 200 * MIB);
    await host.setBalloon(uuid, KiB(500 * MIB));
    await seconds(10);
    const ballooned = await host.hostMemory();
    expect(ballooned.free).toBeGreaterThan(busy.free + 200 * MIB);
    await host.destroyDomain(uuid, { graceful: true });
    expect((await host.hostMemory()).free).toBeGreaterThan(ballooned.free + 400 * MIB);
    expect(ballooned.total).toBe(8 * GIB);
  });

  test('depends on the seed only', async () => {
    const node = async (seed: number) => (await openHost({ seed })).host.node();
    expect(await node(7)).toEqual(await node(7));
    expect(await node(7)).not.toEqual(await node(8));
  });

  test('dates reports by the given epoch, or by the wall clock', async () => {
    const { sample } = await bootGuest({}, { epoch: Seconds(1000) });
    expect(await sample()).toMatchObject({ lastUpdate: 1004 });
    const host = createSimulatedHost({ clock: systemClock });
    await host.open();
    expect(host.description).toBe('a simulated host');
    expect(await host.sampleAll()).toEqual(new Map());
  });

  test('a wall clock that is set dates later reports, and no earlier one anew', async () => {
    const { sample, clock, seconds } = await bootGuest();
    const { lastUpdate = 0 } = await sample();
    const wallTime = clock.wallTime.bind(clock);
    clock.wallTime = () => Seconds(wallTime() + 3600);
    expect(await sample()).toMatchObject({ lastUpdate });
    await seconds(20);
    expect((await sample()).lastUpdate).toBeGreaterThan(lastUpdate + 3600);
  });
});
