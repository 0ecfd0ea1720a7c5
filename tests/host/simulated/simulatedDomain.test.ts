import { describe, expect, test } from '@jest/globals';
import { parseDomain } from '../../../src/domain-xml/parse.ts';
import { KiB } from '../../../src/common/units.ts';
import { bootGuest, dimmXml, domainXml, GIB, MIB, uuidOf, virtioMemXml } from './support.ts';

const uri = 'http://ovirt.org/vm/1.0';
const target = (size: number) => ({
  prefix: 'ovirt-vm',
  uri,
  xml: `<vm><balloonTarget type="int">${String(size)}</balloonTarget></vm>`,
});

describe('the next-run configuration', () => {
  test('has no runtime values', async () => {
    const devices = [
      dimmXml(128 * MIB, "<alias name='ua-mine'/>"),
      dimmXml(128 * MIB, "<alias name='dimm7'/>"),
      virtioMemXml({ requested: 256 * MIB }),
      "<disk><alias name='virtio-disk0'/></disk>",
    ].join('');
    const { host, uuid, seconds } = await bootGuest({ memory: 3 * GIB, devices });
    const before = await host.nextRunXml(uuid);
    await host.attachDevice(uuid, dimmXml(128 * MIB));
    await host.setBalloon(uuid, KiB(2 * GIB));
    await seconds(10);
    const next = (await host.nextRunXml(uuid)) ?? '';
    expect(next).toBe(before);
    expect(next).toMatch(/<domain type="kvm">/);
    expect(next).not.toMatch(/virtio-disk0|dimm\d|base=|<current /);
    expect(parseDomain(next)).toMatchObject({
      memory: 3 * GIB,
      currentMemory: 3 * GIB,
      memoryDevices: [
        { alias: 'ua-mine', address: { slot: 0 } },
        { address: { slot: 1 } },
        { virtioMem: { block: 2 * MIB, requested: 256 * MIB, current: 0 } },
      ],
    });
    expect(parseDomain(await host.domainXml(uuid)).memoryDevices).toMatchObject([
      { alias: 'ua-mine' },
      { alias: 'dimm1' },
      { alias: 'virtiomem0', virtioMem: { current: 256 * MIB } },
      { alias: 'dimm2' },
    ]);
    await host.destroyDomain(uuid, { graceful: true });
    expect(await host.domainXml(uuid)).toBe(next);
  });

  test('can be replaced without effect on the run', async () => {
    const { host, uuid, events, seconds } = await bootGuest();
    const live = await host.domainXml(uuid);
    await host.setNextRunXml(uuid, domainXml({ memory: 2 * GIB }));
    expect(await host.domainXml(uuid)).toBe(live);
    expect(parseDomain((await host.nextRunXml(uuid)) ?? '')).toMatchObject({ memory: 2 * GIB });
    await seconds(0);
    expect(events).toMatchObject([{ kind: 'lifecycle', event: 'defined', detail: 1 }]);
    await host.destroyDomain(uuid, { graceful: true });
    expect(parseDomain(await host.domainXml(uuid))).toMatchObject({ memory: 2 * GIB });
    await host.setNextRunXml(uuid, domainXml());
    expect(parseDomain(await host.domainXml(uuid))).toMatchObject({ memory: GIB });
  });

  test('accepts live XML and drops its runtime values', async () => {
    const { host, uuid } = await bootGuest();
    await host.attachDevice(uuid, virtioMemXml());
    await host.setNextRunXml(uuid, await host.domainXml(uuid));
    const next = (await host.nextRunXml(uuid)) ?? '';
    expect(next).not.toMatch(/kvm" id=|virtiomem0|<current /);
    expect(parseDomain(next)).toMatchObject({ memory: 2 * GIB });
  });

  test('can be replaced while the monitor hangs', async () => {
    const { host, uuid } = await bootGuest();
    host.guest(uuid).hang();
    await host.setNextRunXml(uuid, domainXml({ memory: 2 * GIB }));
    expect(parseDomain((await host.nextRunXml(uuid)) ?? '').memory).toBe(2 * GIB);
  });

  test.each([
    ['no XML', 'nonsense', 'invalid'],
    ['more memory than its maximum', domainXml({ memory: 8 * GIB }), 'invalid'],
    ['another name', domainXml({ name: 'other' }), 'exists'],
    ['another UUID', domainXml({ n: 2, name: 'vm1' }), 'exists'],
  ])('is not replaced by %s', async (_, xml, kind) => {
    const { host, uuid } = await bootGuest();
    const before = await host.nextRunXml(uuid);
    await expect(host.setNextRunXml(uuid, xml)).rejects.toMatchObject({ kind });
    expect(await host.nextRunXml(uuid)).toBe(before);
  });

  test('is undefined for a domain that was undefined while it ran', async () => {
    const { host, uuid } = await bootGuest();
    await host.undefineDomain(uuid);
    expect(await host.nextRunXml(uuid)).toBeUndefined();
    await expect(host.setNextRunXml(uuid, domainXml())).rejects.toMatchObject({
      kind: 'refused',
      message:
        'Requested operation is not valid: transient domains do not have any persistent config',
    });
  });

  test('is refused for an unknown domain', async () => {
    const { host } = await bootGuest();
    for (const call of [
      host.nextRunXml(uuidOf(9)),
      host.setNextRunXml(uuidOf(9), domainXml({ n: 9 })),
    ]) {
      await expect(call).rejects.toMatchObject({ kind: 'no-domain' });
    }
  });
});

describe('metadata', () => {
  const both = async ({ host, uuid }: Awaited<ReturnType<typeof bootGuest>>) => {
    const next = await host.nextRunXml(uuid);
    return [await host.domainXml(uuid), next].map(
      (xml) => xml && parseDomain(xml).metadata?.balloonTarget,
    );
  };

  test('belong to this run, to the next one, or to both', async () => {
    const guest = await bootGuest();
    const { host, uuid, events, seconds } = guest;
    await host.setMetadata(uuid, target(1));
    expect(await both(guest)).toEqual([1, 1]);
    await host.setMetadata(uuid, { ...target(2), where: 'live' });
    expect(await both(guest)).toEqual([2, 1]);
    await host.setMetadata(uuid, { ...target(3), where: 'next-run' });
    expect(await both(guest)).toEqual([2, 3]);
    await seconds(0);
    expect(events.map(({ kind }) => kind)).toEqual(Array(3).fill('metadata-change'));
    await host.destroyDomain(uuid, { graceful: true });
    expect(await both(guest)).toEqual([3, 3]);
  });

  test('of a run are refused if the domain does not run', async () => {
    const guest = await bootGuest();
    const { host, uuid } = guest;
    await host.destroyDomain(uuid, { graceful: true });
    await expect(host.setMetadata(uuid, { ...target(1), where: 'live' })).rejects.toMatchObject({
      kind: 'refused',
      message: 'Requested operation is not valid: domain is not running',
    });
    await host.setMetadata(uuid, target(1));
    expect(await both(guest)).toEqual([1, 1]);
  });

  test('of the next run are refused for a transient domain', async () => {
    const guest = await bootGuest();
    const { host, uuid } = guest;
    await host.undefineDomain(uuid);
    await expect(host.setMetadata(uuid, { ...target(1), where: 'next-run' })).rejects.toMatchObject(
      { kind: 'refused' },
    );
    await host.setMetadata(uuid, target(2));
    expect(await both(guest)).toEqual([2, undefined]);
  });
});
