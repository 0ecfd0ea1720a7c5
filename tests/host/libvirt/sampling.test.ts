import { expect, test } from '@jest/globals';
import { toSample } from '../../../src/host/libvirt/toSample.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { hang } from '../../support/fakeLibvirtd.ts';
import { passTime, until } from '../../support/until.ts';
import { dom, failing, useHost, uuid } from './fixture.ts';

const fixture = useHost();
const info = { state: 1, maxMemory: 1024, memory: 512, vcpus: 2, cpuTime: 2n ** 61n };
const other = { name: 'b', uuid: '00000000-0000-4000-8000-000000000002', id: 2 };

function serve(domains = [dom]) {
  const { daemon } = fixture;
  daemon.on('connectListAllDomains', () => ({ domains, count: domains.length }));
  daemon.on('domainGetInfo', () => info);
  daemon.on('domainMemoryStats', () => [{ tag: 6, value: 500n }]);
  daemon.on('domainGetCpuStats', failing(3));
}

test('a sample has the figures that the guest reports, and no others', () => {
  expect(toSample(info, new Map(), { cpuTimeNs: info.cpuTime })).toEqual({
    state: 'running',
    vcpus: 2,
    cpuTimeNs: 2n ** 61n,
    maximum: 1024,
    current: 512,
  });
  const stats = [10n, 11n, 12n, 13n, 14n, 15n, 500n, 17n, 18n, 0n, 20n].map(
    (value, tag) => [tag, value] as const,
  );
  expect(toSample(info, new Map(stats), {})).toMatchObject({
    swapIn: 10,
    swapOut: 11,
    majorFaults: 12,
    minorFaults: 13,
    unused: 14,
    available: 15,
    current: 500,
    rss: 17,
    usable: 18,
    lastUpdate: 0,
    diskCaches: 20,
  });
});

const accounting = (total: bigint, user: bigint, system: bigint) => ({
  parameters: [
    { field: 'cpu_time', type: 4, value: total },
    { field: 'user_time', type: 4, value: user },
    { field: 'system_time', type: 4, value: system },
  ],
  count: 3,
});

test('a sample has the CPU times of the host’s accounting, if there is one', async () => {
  serve();
  fixture.daemon.on('domainGetCpuStats', () => accounting(900n, 200n, 300n));
  expect((await fixture.host.sampleAll()).get(uuid)).toMatchObject({
    cpuTimeNs: 900n,
    cpuAccountedNs: 500n,
  });
});

test('a host without CPU accounting is not asked for it again', async () => {
  serve([dom, other]);
  const { daemon, host } = fixture;
  const message = 'Requested operation is not valid: cgroup CPUACCT controller is not mounted';
  daemon.on('domainGetCpuStats', failing(55, message));
  await host.sampleAll();
  const asked = daemon.received('domainGetCpuStats').length;
  expect((await host.sampleAll()).get(uuid)).toMatchObject({
    cpuTimeNs: info.cpuTime,
    cpuAccountedNs: info.cpuTime,
  });
  expect(daemon.received('domainGetCpuStats')).toHaveLength(asked);
});

test('a domain that has stopped does not count as a host without CPU accounting', async () => {
  serve();
  const { daemon, host } = fixture;
  daemon.on('domainGetCpuStats', failing(55, 'Requested operation is not valid: not running'));
  const sample = (await host.sampleAll()).get(uuid);
  expect([sample?.cpuTimeNs, sample?.cpuAccountedNs]).toEqual([info.cpuTime, undefined]);
  daemon.on('domainGetCpuStats', () => accounting(9n, 2n, 3n));
  expect((await host.sampleAll()).get(uuid)).toMatchObject({ cpuAccountedNs: 5n });
});

test('lists running and paused domains in one call', async () => {
  serve([dom, other]);
  const samples = await fixture.host.sampleAll();
  expect([...samples.keys()].sort()).toEqual([other.uuid, uuid].sort());
  expect(samples.get(uuid)).toMatchObject({ current: 500, maximum: 1024 });
  expect(fixture.daemon.received('connectListAllDomains')).toEqual([{ needResults: 1, flags: 48 }]);
});

test('a driver without memory statistics still has the balloon’s size', async () => {
  serve();
  fixture.daemon.on('domainMemoryStats', failing(3));
  expect((await fixture.host.sampleAll()).get(uuid)).toMatchObject({ current: 512 });
});

test('a domain that disappears meanwhile is left out', async () => {
  serve([dom, other]);
  fixture.daemon.on('domainGetInfo', ({ dom: asked }) =>
    asked.uuid === uuid ? info : failing(42)(),
  );
  expect([...(await fixture.host.sampleAll()).keys()]).toEqual([uuid]);
});

test('a hung guest is left out, and not called again until it answers', async () => {
  serve([dom, other]);
  const { daemon, host, clock } = fixture;
  let answer = (): void => undefined;
  daemon.on('domainMemoryStats', ({ dom: asked }) =>
    asked.uuid === uuid ? new Promise((resolve) => (answer = () => resolve([]))) : [],
  );
  const first = host.sampleAll();
  await until(() => daemon.received('domainMemoryStats').length === 2);
  await clock.advance(Milliseconds(3000));
  expect([...(await first).keys()]).toEqual([other.uuid]);
  expect([...(await host.sampleAll()).keys()]).toEqual([other.uuid]);
  expect(daemon.received('domainMemoryStats')).toHaveLength(3);
  answer();
  daemon.on('domainMemoryStats', () => []);
  await until(() => daemon.calls.length > 0);
  let samples = await host.sampleAll();
  while (samples.size < 2) samples = await host.sampleAll();
  expect(samples.size).toBe(2);
});

test('if two guests hang, those without a sign of life have libvirt’s own figures', async () => {
  const [first, second, third] = [1, 2, 3].map((id) => ({
    name: '',
    uuid: `00000000-0000-4000-8000-00000000000${id}`,
    id,
  })) as [typeof dom, typeof dom, typeof dom];
  serve([first, second, third, dom]);
  const { daemon, host, clock } = fixture;
  let cpuTime = 0n;
  daemon.on('domainMemoryStats', ({ dom: asked }) =>
    asked.uuid === uuid ? [{ tag: 6, value: 500n }] : hang,
  );
  daemon.on('domainGetInfo', ({ dom: asked }) =>
    asked.uuid === uuid ? { ...info, cpuTime: cpuTime++ } : info,
  );
  const whileTheyBeginToHang = passTime(clock, host.sampleAll());
  for (const samples of [await whileTheyBeginToHang, await passTime(clock, host.sampleAll())]) {
    expect([...samples.keys()].sort()).toEqual([third.uuid, uuid]);
    expect(samples.get(third.uuid)).toMatchObject({ current: 512, maximum: 1024 });
    expect(samples.get(uuid)).toMatchObject({ current: 500, maximum: 1024 });
  }
  expect(host.silentDomains).toEqual(new Set([third.uuid]));
  expect(host.hungDomains).toEqual(new Set([first.uuid, second.uuid]));
});

test('rejects for a lost connection or an aborted signal', async () => {
  serve();
  const { daemon, host } = fixture;
  daemon.on('domainMemoryStats', () => hang);
  const controller = new AbortController();
  const ended = host.sampleAll({ signal: controller.signal });
  await until(() => daemon.received('domainMemoryStats').length === 1);
  controller.abort();
  await expect(ended).rejects.toMatchObject({ kind: 'timed-out' });
  daemon.on('domainGetInfo', () => hang);
  serve([other]);
  daemon.on('domainMemoryStats', () => hang);
  const lost = host.sampleAll();
  await until(() => daemon.received('domainMemoryStats').length === 2);
  daemon.drop();
  await expect(lost).rejects.toMatchObject({ kind: 'unreachable' });
});
