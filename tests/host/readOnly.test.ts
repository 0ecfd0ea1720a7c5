import { expect, test } from '@jest/globals';
import { readOnly } from '../../src/host/readOnly.ts';
import { createSimulatedHost } from '../../src/host/simulated/simulatedHost.ts';
import { KiB } from '../../src/common/units.ts';
import { idOf, World } from '../support/world.ts';

const xml = `<domain type='kvm'><name>a</name><uuid>${idOf(1)}</uuid><memory>1048576</memory></domain>`;

test('a read-only hypervisor reads, and refuses everything else without asking the real one', async () => {
  const real = createSimulatedHost();
  await real.open();
  await real.createDomain(xml, { paused: false });
  const host = readOnly(real);
  expect([host.isReadOnly, host.isConnected, host.description]).toEqual([
    true,
    true,
    'a simulated host, read-only',
  ]);
  expect(await host.listDomains()).toHaveLength(1);
  expect(await host.domainXml(idOf(1))).toBe(await real.domainXml(idOf(1)));
  expect((await host.sampleAll()).size).toBe(1);
  const refused = { name: 'HypervisorError', kind: 'refused' };
  await expect(host.setBalloon(idOf(1), KiB(1))).rejects.toMatchObject(refused);
  await expect(host.destroyDomain(idOf(1), { graceful: false })).rejects.toMatchObject(refused);
  expect(await real.listDomains()).toMatchObject([{ state: 'running' }]);
});

test('a read-only vmemd shows VMs with unfinished jobs, and leaves them as they are', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.host.createDomain(xml.replace(idOf(1), idOf(2)), { paused: false });
  const alias = await world.plug(vmID, 256);
  await world.call('VM.setBalloonTarget', { vmID, target: 900_000 });
  world.host.guest(vmID).setBehaviour({ unplug: 'ignores' });
  world.unplug(vmID, alias).catch(() => undefined);
  await world.seconds(1);
  world.kill();
  await world.host.setStatsPeriod(vmID, 0 as never);
  await world.host.setBalloon(vmID, KiB(500_000));
  const xmls = () =>
    Promise.all(
      [idOf(1), idOf(2)].flatMap((id) => [world.host.domainXml(id), world.host.nextRunXml(id)]),
    );
  await world.seconds(30);
  const before = await xmls();
  await world.restart({ readOnly: true });
  world.calls.length = 0;
  await world.sampledFor(60);
  world.host.guest(vmID).rebootFromInside();
  await world.sampledFor(180);
  expect(await world.stats(vmID)).toMatchObject({ status: 'Up' });
  expect(await world.call('VM.getMemoryJob', { vmID })).toMatchObject({ action: 'unplug' });
  const reading = ['listDomains', 'domainXml', 'sampleAll', 'nextRunXml', 'listen', 'node'];
  expect([...new Set(world.calls)].filter((name) => !reading.includes(name))).toEqual([]);
  expect(await xmls()).toEqual(before);
  expect(world.lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
});
