import { expect, test } from '@jest/globals';
import { Milliseconds } from '../../../src/common/units.ts';
import { until } from '../../support/until.ts';
import { failing, useHost } from './fixture.ts';

const fixture = useHost();
const info = {
  model: 'x86_64',
  memory: 4096,
  cpus: 8,
  mhz: 2600,
  nodes: 2,
  sockets: 1,
  cores: 2,
  threads: 2,
};

function serve(capabilities: string) {
  const { daemon } = fixture;
  daemon.on('nodeGetInfo', () => info);
  daemon.on('connectGetCapabilities', () => capabilities);
  daemon.on('connectGetHostname', () => 'höst');
  daemon.on('connectGetLibVersion', () => 9_000_000);
  daemon.on('connectGetVersion', () => 7_002_022);
  daemon.on('connectGetDomainCapabilities', () => domainCapabilities);
}

const domainCapabilities = `<domainCapabilities><cpu>
  <mode name='host-model' supported='yes'><model fallback='forbid'>EPYC-Milan</model></mode>
  <mode name='custom' supported='yes'>
    <model usable='yes' vendor='AMD'>EPYC</model><model usable='no' vendor='AMD'>EPYC-Genoa</model>
    <model usable="yes" deprecated='yes'>Opteron_G1</model><model usable='unknown'>max</model>
  </mode></cpu></domainCapabilities>`;

test.each([-1, 0, 2_000_000_000])('a reply of libvirt with %d CPUs is refused', async (cpus) => {
  serve('<capabilities/>');
  fixture.daemon.on('nodeGetInfo', () => ({ ...info, cpus }));
  await expect(fixture.host.node()).rejects.toMatchObject({
    kind: 'failed',
    message: expect.stringContaining(`${String(cpus)} CPUs`),
  });
});

test('returns libvirt’s facts about the machine', async () => {
  const capabilitiesXml =
    '<capabilities><host><cpu><arch>x86_64</arch><model>EPYC-Rome</model></cpu>' +
    '<secmodel><model>none</model></secmodel></host></capabilities>';
  serve(capabilitiesXml);
  expect(await fixture.host.node()).toEqual({
    hostname: 'höst',
    arch: 'x86_64',
    cpuModel: 'EPYC-Rome',
    cpuModels: ['EPYC-Rome', 'EPYC', 'Opteron_G1'],
    cpuMhz: 2600,
    cpus: 8,
    sockets: 2,
    cores: 2,
    threads: 2,
    libvirtVersion: 9_000_000,
    hypervisorVersion: 7_002_022,
    capabilitiesXml,
  });
});

test('usable CPU models are read once per connection, and again after a refusal', async () => {
  const { daemon, host, clock } = fixture;
  serve('<capabilities/>');
  daemon.on('connectGetDomainCapabilities', failing(3));
  expect(await host.node()).toMatchObject({ cpuModel: 'x86_64', cpuModels: [] });
  serve('<capabilities/>');
  for (let i = 0; i < 2; i++) {
    expect(await host.node()).toMatchObject({ cpuModels: ['EPYC', 'Opteron_G1'] });
  }
  const asked = () => daemon.received('connectGetDomainCapabilities');
  expect(asked()).toHaveLength(2);
  expect(asked()[0]).toMatchObject({ emulator: undefined, flags: 0 });
  daemon.drop();
  await until(() => !host.isConnected);
  await clock.advance(Milliseconds(500));
  await until(() => host.isConnected);
  await host.node();
  expect(asked()).toHaveLength(3);
});

test('the architecture replaces a model that libvirt does not know', async () => {
  serve('<capabilities/>');
  expect(await fixture.host.node()).toMatchObject({ arch: 'x86_64', cpuModel: 'x86_64' });
});

test('the host’s memory is in KiB, and unknown figures are absent', async () => {
  const { daemon, host } = fixture;
  const all = { total: 100, free: 50, buffers: 5, cached: 20 };
  const values = Object.entries(all).map(([field, value]) => ({ field, value }));
  daemon.on('nodeGetMemoryStats', ({ count }) => ({ values: values.slice(0, count), count: 4 }));
  expect(await host.hostMemory()).toEqual(all);
  daemon.on('nodeGetMemoryStats', () => ({ values: values.slice(0, 2), count: 2 }));
  expect(await host.hostMemory()).toEqual({ total: 100, free: 50 });
});

test('a missing total or free memory is an error', async () => {
  const { daemon, host } = fixture;
  const values = [{ field: 'free', value: 50 }];
  daemon.on('nodeGetMemoryStats', () => ({ values, count: 1 }));
  await expect(host.hostMemory()).rejects.toMatchObject({
    kind: 'failed',
    message: expect.stringContaining('total'),
  });
});

test('a driver without memory statistics gives total and free', async () => {
  const { daemon, host } = fixture;
  daemon.on('nodeGetMemoryStats', failing(3));
  daemon.on('nodeGetInfo', () => info);
  daemon.on('nodeGetFreeMemory', () => 2048 * 1024);
  expect(await host.hostMemory()).toEqual({ total: 4096, free: 2048 });
  daemon.on('nodeGetMemoryStats', failing(1));
  await expect(host.hostMemory()).rejects.toMatchObject({ kind: 'failed' });
});
