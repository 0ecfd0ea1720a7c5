import { expect, test } from '@jest/globals';
import { HypervisorError, type HostEvent } from '../../../src/host/hypervisor.ts';
import { createLibvirtHost } from '../../../src/host/libvirt/libvirtHost.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { until } from '../../support/until.ts';
import { dom, failing, useHost, uuid } from './fixture.ts';

const fixture = useHost();

function listen() {
  const seen: HostEvent[] = [];
  const stop = fixture.host.listen((event) => seen.push(event));
  return { seen, stop };
}

test('describes its connection', () => {
  expect(fixture.host.description).toBe(`libvirt at ${fixture.daemon.uri}`);
  expect(fixture.host.isConnected).toBe(true);
});

test.each([
  ['qemu:///system', true],
  ['qemu:///session', true],
  ['test:///default', false],
  ['test+unix:///default', false],
])('the domains of %s are real: %s', (uri, isReal) => {
  expect(createLibvirtHost({ uri }).isReal).toBe(isReal);
});

test('an invalid URI is refused', async () => {
  expect(() => createLibvirtHost({ uri: 'http://x' })).toThrow(HypervisorError);
  const nowhere = createLibvirtHost({ uri: 'test:///default?socket=/nowhere' });
  await expect(nowhere.open()).rejects.toMatchObject({ kind: 'unreachable' });
});

test('emits events to listeners until they are removed', async () => {
  const { seen, stop } = listen();
  fixture.daemon.publish({ kind: 'balloon-change', dom, actual: 1 });
  await until(() => seen.length > 0);
  expect(seen).toContainEqual({ kind: 'balloon-change', uuid, current: 1 });
  stop();
  seen.length = 0;
  const other = listen();
  fixture.daemon.publish({ kind: 'balloon-change', dom, actual: 2 });
  await until(() => other.seen.length > 0);
  expect(seen).toEqual([]);
});

test('an event without a HostEvent is not emitted', async () => {
  const { seen } = listen();
  fixture.daemon.publish({ kind: 'lifecycle', dom, event: 99, detail: 0 });
  fixture.daemon.publish({ kind: 'balloon-change', dom, actual: 1 });
  await until(() => seen.length > 0);
  expect(seen[0]).toMatchObject({ kind: 'balloon-change' });
});

test('emits the loss and the return of libvirt', async () => {
  const { seen } = listen();
  fixture.daemon.drop();
  await until(() => seen.length === 1);
  expect([seen[0]?.kind, fixture.host.isConnected]).toEqual(['disconnected', false]);
  await expect(fixture.host.domainXml(uuid)).rejects.toMatchObject({ kind: 'unreachable' });
  await fixture.clock.advance(Milliseconds(500));
  await until(() => seen.length === 2);
  expect([seen[1]?.kind, fixture.host.isConnected]).toEqual(['reconnected', true]);
});

test('an event kind that the daemon refuses is logged once, before any listener is added', async () => {
  const { daemon, clock, warnings } = fixture;
  daemon.on('eventCallbackRegisterAny', ({ event }) =>
    event === 26 ? failing(8, 'unsupported event ID 26')() : event,
  );
  const log = { warn: (facts: object, message: string) => warnings.push([facts, message]) };
  const older = createLibvirtHost({ uri: daemon.uri, clock, log });
  await older.open();
  expect(warnings).toEqual([[{ err: expect.objectContaining({ code: 8 }) }, expect.any(String)]]);
  await older.close();
});

test('an unreadable message is logged and not emitted', async () => {
  const { seen } = listen();
  fixture.host.listen(() => {
    throw new Error('a listener’s bug');
  });
  fixture.daemon.publish({ kind: 'balloon-change', dom, actual: 1 });
  await until(() => fixture.warnings.length > 0);
  expect(fixture.warnings[0]?.[0]).toMatchObject({ err: { message: 'a listener’s bug' } });
  expect(seen.every(({ kind }) => kind === 'balloon-change')).toBe(true);
});
