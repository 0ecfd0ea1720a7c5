import { expect, test } from '@jest/globals';
import { KiB } from '../../../src/common/units.ts';
import { failing, useHost, uuid } from './fixture.ts';

const fixture = useHost();

const memory = (model: string, alias: string) =>
  `<memory model="${model}"><target><size unit="KiB">131072</size><node>0</node></target><alias name="${alias}"/></memory>`;

function serve() {
  const { daemon } = fixture;
  const devices = memory('dimm', 'dimm0') + memory('virtio-mem', 'virtiomem0');
  daemon.on(
    'domainGetXmlDesc',
    () =>
      `<domain type="kvm"><name>a</name><uuid>${uuid}</uuid><memory>524288</memory><vcpu>1</vcpu><os><type>hvm</type></os><devices>${devices}</devices></domain>`,
  );
  daemon.on('domainDetachDeviceFlags', () => undefined);
  daemon.on('domainDetachDeviceAlias', () => undefined);
}

test('detaches a DIMM by its XML, so that libvirt waits for the guest’s reply', async () => {
  serve();
  await fixture.host.detachDevice(uuid, 'dimm0');
  const [detached] = fixture.daemon.received('domainDetachDeviceFlags');
  expect(detached).toMatchObject({ dom: { uuid }, flags: 1 });
  expect(detached?.xml).toContain('131072');
  expect(fixture.daemon.received('domainDetachDeviceAlias')).toEqual([]);
});

test('rejects as refused if the guest refuses', async () => {
  serve();
  fixture.daemon.on(
    'domainDetachDeviceFlags',
    failing(9, 'operation failed: unplug of device was rejected by the guest'),
  );
  const detached = fixture.host.detachDevice(uuid, 'dimm0');
  await expect(detached).rejects.toMatchObject({ kind: 'refused' });
});

test.each(['virtiomem0', 'net0'])('detaches %s by its alias', async (alias) => {
  serve();
  await fixture.host.detachDevice(uuid, alias);
  expect(fixture.daemon.received('domainDetachDeviceAlias')).toMatchObject([
    { dom: { uuid }, alias, flags: 1 },
  ]);
});

test('detaches a device that was just read without looking it up', async () => {
  serve();
  const device = { model: 'dimm', alias: 'dimm0', size: KiB(131_072), node: 0 };
  await fixture.host.detachDevice(uuid, 'dimm0', { device });
  expect(fixture.daemon.received('domainGetXmlDesc')).toEqual([]);
  expect(fixture.daemon.received('domainDetachDeviceFlags')).toHaveLength(1);
});
