import { expect, test } from '@jest/globals';
import type { CpuLimits, Hypervisor } from '../../../src/host/hypervisor.ts';
import { KiB, Milliseconds, Seconds } from '../../../src/common/units.ts';
import { hang } from '../../support/fakeLibvirtd.ts';
import { until } from '../../support/until.ts';
import { dom, failing, useHost, uuid } from './fixture.ts';

const fixture = useHost();

type Call = (host: Hypervisor) => Promise<unknown>;

test.each<[string, Call, object]>([
  ['domainDestroyFlags', (h) => h.destroyDomain(uuid, { graceful: true }), { flags: 1 }],
  ['domainDestroyFlags', (h) => h.destroyDomain(uuid, { graceful: false }), { flags: 0 }],
  ['domainShutdownFlags', (h) => h.shutdownDomain(uuid), { flags: 0 }],
  ['domainReboot', (h) => h.rebootDomain(uuid), { flags: 0 }],
  ['domainReset', (h) => h.resetDomain(uuid), { flags: 0 }],
  ['domainSuspend', (h) => h.suspendDomain(uuid), {}],
  ['domainResume', (h) => h.resumeDomain(uuid), {}],
  ['domainSetMemoryFlags', (h) => h.setBalloon(uuid, KiB(512)), { size: 512, flags: 1 }],
  [
    'domainSetMemoryStatsPeriod',
    (h) => h.setStatsPeriod(uuid, Seconds(5)),
    { period: 5, flags: 1 },
  ],
  [
    'domainAttachDeviceFlags',
    (h) => h.attachDevice(uuid, '<memory/>'),
    { xml: '<memory/>', flags: 1 },
  ],
  ['domainUndefineFlags', (h) => h.undefineDomain(uuid), { flags: 1 + 2 + 4 + 16 }],
])('%s changes the live domain', async (name, call, args) => {
  const { daemon, host } = fixture;
  daemon.on(name as 'domainReset', () => undefined);
  await call(host);
  expect(daemon.calls).toMatchObject([{ name, args: { dom: { uuid }, ...args } }]);
  daemon.on(name as 'domainReset', failing(42));
  await expect(call(host)).rejects.toMatchObject({ name: 'HypervisorError', kind: 'no-domain' });
});

test.each([
  ['nothing runs on it', 0, undefined, false],
  ['its migration has ended', 3, 5, false],
  ['it is being migrated', 2, 5, true],
  ['it is being saved', 1, 2, true],
  ['it is being backed up', 2, 9, false],
])('a domain is moving, or not: %s', async (_, type, operation, isMoving) => {
  const { daemon, host } = fixture;
  const value = { field: 'operation', type: 1, value: operation ?? 0 } as const;
  daemon.on('domainGetJobStats', () => ({
    type,
    parameters: operation === undefined ? [] : [value],
  }));
  expect(await host.isMoving(uuid)).toBe(isMoving);
});

test('destroys a hung guest by force at once', async () => {
  const { daemon, host, clock } = fixture;
  daemon.on('domainSetMemoryFlags', () => hang);
  daemon.on('domainDestroyFlags', () => undefined);
  const target = host.setBalloon(uuid, KiB(512), { timeout: Milliseconds(100) });
  const given = expect(target).rejects.toMatchObject({ kind: 'timed-out' });
  await until(() => daemon.received('domainSetMemoryFlags').length === 1);
  await host.destroyDomain(uuid, { graceful: true });
  await clock.advance(Milliseconds(100));
  await given;
  await host.destroyDomain(uuid, { graceful: true });
  expect(daemon.received('domainDestroyFlags').map(({ flags }) => flags)).toEqual([1, 0]);
});

test.each<[CpuLimits, object[]]>([
  [{ quota: -1 }, [{ field: 'vcpu_quota', type: 3, value: -1n }]],
  [{ period: 100_000 }, [{ field: 'vcpu_period', type: 4, value: 100_000n }]],
  [
    { quota: 50_000, period: 100_000 },
    [
      { field: 'vcpu_quota', type: 3, value: 50_000n },
      { field: 'vcpu_period', type: 4, value: 100_000n },
    ],
  ],
])('limits the CPU of the live domain to %j', async (limits, parameters) => {
  const { daemon, host } = fixture;
  daemon.on('domainSetSchedulerParametersFlags', () => undefined);
  await host.setCpuTune(uuid, limits);
  expect(daemon.calls).toMatchObject([
    { name: 'domainSetSchedulerParametersFlags', args: { dom: { uuid }, parameters, flags: 1 } },
  ]);
  daemon.on('domainSetSchedulerParametersFlags', failing(8, 'out of range'));
  await expect(host.setCpuTune(uuid, limits)).rejects.toMatchObject({
    kind: 'invalid',
    message: 'out of range',
  });
});

test('reads a domain’s XML', async () => {
  fixture.daemon.on('domainGetXmlDesc', () => '<domain/>');
  expect(await fixture.host.domainXml(uuid)).toBe('<domain/>');
});

const virtioMem = (requested: number) =>
  `<memory model="virtio-mem">
  <target>
    <size unit="KiB">524288</size>
    <node>0</node>
    <block unit="KiB">2048</block>
    <requested unit="KiB">${requested}</requested>
    <current unit="KiB">0</current>
  </target>
  <alias name="virtiomem0"/>
</memory>`;

test('requests memory of a virtio-mem device by its live XML', async () => {
  const { daemon, host } = fixture;
  daemon.on('domainGetXmlDesc', () => `<domain><devices>${virtioMem(0)}</devices></domain>`);
  daemon.on('domainUpdateDeviceFlags', () => undefined);
  await host.requestDeviceMemory(uuid, 'virtiomem0', KiB(131_072));
  expect(daemon.calls).toMatchObject([
    { name: 'domainGetXmlDesc', args: { dom: { uuid }, flags: 0 } },
    { name: 'domainUpdateDeviceFlags', args: { dom: { uuid }, xml: virtioMem(131_072), flags: 1 } },
  ]);
  daemon.on('domainUpdateDeviceFlags', failing(35, 'no multiple of block size'));
  const odd = host.requestDeviceMemory(uuid, 'virtiomem0', KiB(1));
  await expect(odd).rejects.toMatchObject({ kind: 'invalid' });
});

test('refuses a memory request to any other device', async () => {
  const { daemon, host } = fixture;
  daemon.on('domainGetXmlDesc', () => `<domain><devices>${virtioMem(0)}</devices></domain>`);
  const asked = host.requestDeviceMemory(uuid, 'dimm0', KiB(2048));
  await expect(asked).rejects.toMatchObject({
    kind: 'invalid',
    message: expect.stringContaining('"dimm0"') as unknown,
  });
  expect(daemon.received('domainUpdateDeviceFlags')).toEqual([]);
});

test('undefines without flags if the driver refuses them', async () => {
  const { daemon, host } = fixture;
  daemon.on('domainUndefineFlags', ({ flags }) => (flags === 0 ? undefined : failing(8)()));
  await host.undefineDomain(uuid);
  expect(daemon.received('domainUndefineFlags').map(({ flags }) => flags)).toEqual([23, 0]);
});

test('lists all domains with their states in one call', async () => {
  const { daemon, host } = fixture;
  const other = { name: 't', uuid: '00000000-0000-4000-8000-000000000002', id: 2 };
  const state = (value: number, reason: number) => [
    { field: 'state.state', type: 1, value },
    { field: 'state.reason', type: 1, value: reason },
  ];
  daemon.on('connectGetAllDomainStats', () => [
    { domain: dom, parameters: state(3, 1) },
    { domain: other, parameters: [] },
  ]);
  expect(await host.listDomains()).toEqual([
    { uuid, name: 'a', state: 'paused', reason: 1 },
    { uuid: other.uuid, name: 't', state: 'running', reason: 0 },
  ]);
  expect(daemon.calls).toEqual([
    { name: 'connectGetAllDomainStats', args: { doms: [], stats: 1, flags: 0 } },
  ]);
});
