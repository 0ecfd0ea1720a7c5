import { expect, test } from '@jest/globals';
import { Milliseconds } from '../../../src/common/units.ts';
import { hang } from '../../support/fakeLibvirtd.ts';
import { until } from '../../support/until.ts';
import { dom, failing, useHost, uuid } from './fixture.ts';

const fixture = useHost();
const xml = `<domain type="kvm"><name>a</name><uuid>${uuid}</uuid><memory>1024</memory><memtune><min_guarantee>512</min_guarantee></memtune></domain>`;

function serve(type = 'QEMU') {
  const { daemon } = fixture;
  daemon.on('connectGetType', () => type);
  daemon.on('domainLookupByUuid', failing(42));
  daemon.on('domainDefineXmlFlags', () => dom);
  daemon.on('domainCreateWithFlags', () => dom);
  daemon.on('domainSuspend', () => undefined);
  daemon.on('domainGetState', () => ({ state: 1, reason: 1 }));
  daemon.on('domainDestroyFlags', () => undefined);
  daemon.on('domainUndefineFlags', () => undefined);
}

const names = () => fixture.daemon.calls.map(({ name }) => name);
const defined = () => fixture.daemon.received('domainDefineXmlFlags').map((args) => args.xml);

test('defines the domain, starts it and returns its summary', async () => {
  serve();
  expect(await fixture.host.createDomain(xml, { paused: false })).toEqual({
    uuid,
    name: 'a',
    state: 'running',
    reason: 1,
  });
  expect(fixture.daemon.received('domainCreateWithFlags')).toMatchObject([{ flags: 0 }]);
});

test('removes the guarantee for QEMU, which refuses it, and keeps it for other drivers', async () => {
  serve();
  await fixture.host.createDomain(xml, { paused: false });
  serve('TEST');
  await fixture.host.createDomain(xml, { paused: false });
  expect(defined().map((each) => each.includes('min_guarantee'))).toEqual([false, true]);
});

test('starts paused by a flag, or by a suspend if the driver has no such flag', async () => {
  serve();
  await fixture.host.createDomain(xml, { paused: true });
  expect(fixture.daemon.received('domainCreateWithFlags')).toMatchObject([{ flags: 1 }]);
  expect(names()).not.toContain('domainSuspend');
  serve('TEST');
  await fixture.host.createDomain(xml, { paused: true });
  expect(names()).toContain('domainSuspend');
});

test('refuses the UUID of an existing domain, which stays unchanged', async () => {
  serve();
  fixture.daemon.on('domainLookupByUuid', () => dom);
  const created = fixture.host.createDomain(xml, { paused: false });
  await expect(created).rejects.toMatchObject({ kind: 'exists' });
  expect(defined()).toEqual([]);
});

test('creates nothing if the look-up fails for another reason', async () => {
  serve();
  fixture.daemon.on('domainLookupByUuid', failing(1));
  const created = fixture.host.createDomain(xml, { paused: false });
  await expect(created).rejects.toMatchObject({ kind: 'failed' });
  expect(defined()).toEqual([]);
});

test('lets libvirt choose the UUID if none is given', async () => {
  serve();
  await fixture.host.createDomain(xml.replace(/<uuid>.*<\/uuid>/, ''), { paused: false });
  expect(names()).not.toContain('domainLookupByUuid');
});

test('undefines a domain that cannot be started', async () => {
  serve();
  fixture.daemon.on('domainCreateWithFlags', failing(67, 'no such image'));
  const created = fixture.host.createDomain(xml, { paused: false });
  await expect(created).rejects.toMatchObject({ kind: 'invalid', message: 'no such image' });
  expect(names().at(-1)).toBe('domainUndefineFlags');
});

test('leaves nothing behind after a start that times out but succeeds later', async () => {
  serve();
  fixture.daemon.on('domainCreateWithFlags', () => hang);
  const timeout = Milliseconds(50);
  const created = expect(
    fixture.host.createDomain(xml, { paused: false }, { timeout }),
  ).rejects.toMatchObject({ kind: 'timed-out' });
  await until(() => names().includes('domainCreateWithFlags'));
  await fixture.clock.advance(timeout);
  await created;
  expect(names().slice(-2)).toEqual(['domainDestroyFlags', 'domainUndefineFlags']);
});

test('does not send malformed XML to libvirt', async () => {
  serve();
  const created = fixture.host.createDomain('<domain>', { paused: false });
  await expect(created).rejects.toMatchObject({ kind: 'invalid' });
  expect(defined()).toEqual([]);
});
