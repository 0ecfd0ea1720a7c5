import { expect, test } from '@jest/globals';
import { dom, failing, useHost, uuid } from './fixture.ts';

const fixture = useHost();

const kept = (password = '') =>
  `<domain type="kvm"><name>a</name><uuid>${uuid}</uuid><memory>1024</memory><memtune><min_guarantee>512</min_guarantee></memtune><devices><graphics type="vnc"${password}/></devices></domain>`;

function serve({ type = 'QEMU', persistent = 1 } = {}) {
  const { daemon } = fixture;
  daemon.on('connectGetType', () => type);
  daemon.on('domainIsPersistent', () => persistent);
  daemon.on('domainGetXmlDesc', ({ flags }) => kept(flags === 3 ? ' passwd="hush"' : ''));
  daemon.on('domainDefineXmlFlags', () => dom);
}

const defined = () => fixture.daemon.received('domainDefineXmlFlags').map(({ xml }) => xml);

test('reads what the next run begins with, without secrets', async () => {
  serve();
  expect(await fixture.host.nextRunXml(uuid)).toBe(kept());
  expect(fixture.daemon.received('domainGetXmlDesc')).toMatchObject([{ dom: { uuid }, flags: 2 }]);
});

test('a transient domain has no next run', async () => {
  serve({ persistent: 0 });
  expect(await fixture.host.nextRunXml(uuid)).toBeUndefined();
});

test('a domain that is not there is none', async () => {
  serve();
  fixture.daemon.on('domainIsPersistent', failing(42));
  await expect(fixture.host.nextRunXml(uuid)).rejects.toMatchObject({ kind: 'no-domain' });
});

test('replaces it with the passwords that it has, and for QEMU without the guarantee', async () => {
  serve();
  await fixture.host.setNextRunXml(uuid, kept().replace('>1024<', '>2048<'));
  const [xml = '', ...more] = defined();
  expect(more).toEqual([]);
  expect(xml).toContain('<memory>2048</memory>');
  expect(xml).toContain('<graphics type="vnc" passwd="hush"/>');
  expect(xml).not.toContain('memtune');
});

test('leaves the guarantee to a driver that takes it', async () => {
  serve({ type: 'TEST' });
  await fixture.host.setNextRunXml(uuid, kept());
  expect(defined()).toEqual([expect.stringContaining('min_guarantee')]);
});

test('makes no transient domain last', async () => {
  serve({ persistent: 0 });
  const set = fixture.host.setNextRunXml(uuid, kept());
  await expect(set).rejects.toMatchObject({ kind: 'refused' });
  expect(defined()).toEqual([]);
});

test.each([
  ['another domain', kept().replace(uuid, '00000000-0000-4000-8000-000000000002')],
  ['nobody', kept().replace(/<uuid>.*<\/uuid>/, '')],
  ['no domain', '<pool/>'],
])('does not define %s', async (_, xml) => {
  serve();
  const set = fixture.host.setNextRunXml(uuid, xml);
  await expect(set).rejects.toMatchObject({ kind: 'invalid' });
  expect(defined()).toEqual([]);
});

test('defines nothing in place of a domain that is gone', async () => {
  serve();
  fixture.daemon.on('domainIsPersistent', failing(42));
  const set = fixture.host.setNextRunXml(uuid, kept());
  await expect(set).rejects.toMatchObject({ kind: 'no-domain' });
  expect(defined()).toEqual([]);
});
