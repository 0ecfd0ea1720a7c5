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

test('returns the next-run configuration without secrets', async () => {
  serve();
  expect(await fixture.host.nextRunXml(uuid)).toBe(kept());
  expect(fixture.daemon.received('domainGetXmlDesc')).toMatchObject([{ dom: { uuid }, flags: 2 }]);
});

test('a transient domain has no next run', async () => {
  serve({ persistent: 0 });
  expect(await fixture.host.nextRunXml(uuid)).toBeUndefined();
});

test('an unknown domain is refused', async () => {
  serve();
  fixture.daemon.on('domainIsPersistent', failing(42));
  await expect(fixture.host.nextRunXml(uuid)).rejects.toMatchObject({ kind: 'no-domain' });
});

test('replaces it with its current passwords, for QEMU without the guarantee', async () => {
  serve();
  await fixture.host.setNextRunXml(uuid, kept().replace('>1024<', '>2048<'));
  const [xml = '', ...more] = defined();
  expect(more).toEqual([]);
  expect(xml).toContain('<memory>2048</memory>');
  expect(xml).toContain('<graphics type="vnc" passwd="hush"/>');
  expect(xml).not.toContain('memtune');
});

test('keeps the guarantee for a driver that accepts it', async () => {
  serve({ type: 'TEST' });
  await fixture.host.setNextRunXml(uuid, kept());
  expect(defined()).toEqual([expect.stringContaining('min_guarantee')]);
});

test('does not make a transient domain persistent', async () => {
  serve({ persistent: 0 });
  const set = fixture.host.setNextRunXml(uuid, kept());
  await expect(set).rejects.toMatchObject({ kind: 'refused' });
  expect(defined()).toEqual([]);
});

test.each([
  ['another domain', kept().replace(uuid, '00000000-0000-4000-8000-000000000002')],
  ['an XML without UUID', kept().replace(/<uuid>.*<\/uuid>/, '')],
  ['no domain', '<pool/>'],
])('does not define %s', async (_, xml) => {
  serve();
  const set = fixture.host.setNextRunXml(uuid, xml);
  await expect(set).rejects.toMatchObject({ kind: 'invalid' });
  expect(defined()).toEqual([]);
});

test('does not define a domain that has disappeared', async () => {
  serve();
  fixture.daemon.on('domainIsPersistent', failing(42));
  const set = fixture.host.setNextRunXml(uuid, kept());
  await expect(set).rejects.toMatchObject({ kind: 'no-domain' });
  expect(defined()).toEqual([]);
});
