import { expect, test } from '@jest/globals';
import { bulkSample } from '../../../src/host/libvirt/toSample.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { hang } from '../../support/fakeLibvirtd.ts';
import { passTime, until } from '../../support/until.ts';
import { failing, useHost } from './fixture.ts';

const fixture = useHost();
const domains = Array.from({ length: 27 }, (_, n) => ({
  name: `vm${String(n)}`,
  uuid: `00000000-0000-4000-8000-0000000000${String(10 + n)}`,
  id: n,
}));
const uuids = domains.map(({ uuid }) => uuid);
const uuidAt = (n: number): string => uuids[n] ?? '';

const HOST = {
  'state.state': 1,
  'state.reason': 1,
  'cpu.time': 900n,
  'cpu.user': 200n,
  'cpu.system': 300n,
  'balloon.current': 512n,
  'balloon.maximum': 1024n,
};
const GUEST = { ...HOST, 'balloon.rss': 700n, 'balloon.last-update': 5n };
type Figures = Readonly<Record<string, number | bigint>>;
const parametersOf = (figures: Figures) =>
  Object.entries(figures).map(([field, value]) => ({
    field,
    type: typeof value === 'bigint' ? 4 : 1,
    value,
  }));

interface Asked {
  readonly doms: readonly { readonly uuid: string }[];
  readonly flags: number;
}

/** Serves 27 guests; `figuresOf` returns libvirt's figures of one of them, `hang` for one whose monitor hangs. */
function serve(figuresOf: (n: number) => Figures | typeof hang = () => GUEST) {
  const { daemon } = fixture;
  /** Guests that a call waits for, whose job further calls do not get. */
  const occupied = new Set<number>();
  daemon.on('connectListAllDomains', () => ({ domains, count: domains.length }));
  daemon.on('connectGetAllDomainStats', ({ doms }) => {
    const records = [];
    for (const { uuid } of doms) {
      const n = uuids.indexOf(uuid);
      const figures = occupied.has(n) ? HOST : figuresOf(n);
      if (figures === hang) {
        occupied.add(n);
        return hang;
      }
      const domain = domains[n];
      if (domain) records.push({ domain, parameters: parametersOf(figures) });
    }
    return records;
  });
  daemon.on('domainGetControlInfo', ({ dom }) => {
    const isOccupied = occupied.has(uuids.indexOf(dom.uuid));
    return { state: isOccupied ? 2 : 0, details: 0, stateTime: isOccupied ? 1000 : 0 };
  });
  daemon.on('domainGetInfo', () => ({
    state: 1,
    maxMemory: 1024,
    memory: 512,
    vcpus: 2,
    cpuTime: 7n,
  }));
  daemon.on('domainGetCpuStats', failing(3));
  daemon.on('domainMemoryStats', ({ dom }) =>
    figuresOf(uuids.indexOf(dom.uuid)) === hang ? hang : (
      [
        { tag: 6, value: 500n },
        { tag: 9, value: 6n },
      ]
    ),
  );
  return occupied;
}

const groupsAsked = (): number[][] =>
  fixture.daemon
    .received('connectGetAllDomainStats')
    .map((args) => (args as Asked).doms.map(({ uuid }) => uuids.indexOf(uuid)));
const singly = (): number[] =>
  fixture.daemon
    .received('domainMemoryStats')
    .map((args) => uuids.indexOf((args as { dom: { uuid: string } }).dom.uuid));

test('bulk statistics become a sample with the figures that the guest reports, and no others', () => {
  const host = {
    state: 'running',
    cpuTimeNs: 900n,
    cpuAccountedNs: 500n,
    current: 512,
    maximum: 1024,
    rss: 700,
  };
  expect(bulkSample(new Map(Object.entries(GUEST)))).toEqual({ ...host, lastUpdate: 5 });
  const all = {
    ...GUEST,
    'balloon.swap_in': 10n,
    'balloon.swap_out': 11n,
    'balloon.major_fault': 12n,
    'balloon.minor_fault': 13n,
    'balloon.unused': 14n,
    'balloon.available': 15n,
    'balloon.usable': 16n,
    'balloon.disk_caches': 17n,
  };
  expect(bulkSample(new Map<string, number | bigint>(Object.entries(all)))).toEqual({
    ...host,
    lastUpdate: 5,
    swapIn: 10,
    swapOut: 11,
    majorFaults: 12,
    minorFaults: 13,
    unused: 14,
    available: 15,
    usable: 16,
    diskCaches: 17,
  });
});

test.each([
  ['what only the guest’s QEMU knows', HOST],
  ['CPU times', { ...GUEST, 'cpu.time': 'none' }],
  ['a state', { ...GUEST, 'state.state': undefined }],
  ['a size of the balloon that fits the memory', { ...GUEST, 'balloon.current': 1025n }],
])('bulk statistics without %s are no sample', (_, figures) => {
  const known = Object.entries(figures).filter(([, value]) => value !== undefined);
  expect(bulkSample(new Map(known as [string, bigint][]))).toBeUndefined();
});

test('bulk statistics of any other type are no sample, and no figure of one', () => {
  for (const value of ['7', true]) {
    const values = (field: string) =>
      bulkSample(new Map(Object.entries({ ...GUEST, [field]: value })));
    for (const field of Object.keys(GUEST)) {
      if (field === 'state.reason') continue;
      if (field === 'balloon.last-update') expect(values(field)?.lastUpdate).toBeUndefined();
      else expect(values(field)).toBeUndefined();
    }
  }
});

test('a round asks 25 guests in a call, which passes over those whose job another call has', async () => {
  serve();
  const samples = await fixture.host.sampleAll();
  expect([...samples.keys()].sort()).toEqual(uuids);
  expect(groupsAsked()).toEqual([domains.slice(0, 25).map(({ id }) => id), [25, 26]]);
  for (const args of fixture.daemon.received('connectGetAllDomainStats')) {
    expect(args).toMatchObject({ stats: 1 | 2 | 4, flags: 2 ** 29 });
  }
  expect(singly()).toEqual([]);
});

test('a guest is asked by itself if its balloon is not settled, or if the call for several lacks its figures', async () => {
  serve((n) => (n === 3 ? HOST : GUEST));
  const samples = await fixture.host.sampleAll({ isUnsettled: (uuid) => uuid === uuidAt(11) });
  expect(groupsAsked().flat()).not.toContain(11);
  expect(singly().sort()).toEqual([11, 3]);
  for (const n of [3, 11]) {
    expect(samples.get(uuidAt(n))).toMatchObject({ current: 500, lastUpdate: 6 });
  }
  expect(samples.get(uuidAt(4))).toMatchObject({ current: 512, lastUpdate: 5 });
});

test('a driver without bulk statistics of guests is asked for each guest', async () => {
  serve();
  fixture.daemon.on('connectGetAllDomainStats', failing(3));
  expect((await fixture.host.sampleAll()).size).toBe(27);
  expect(singly()).toHaveLength(27);
});

test('a domain that disappears meanwhile is left out', async () => {
  serve();
  fixture.daemon.on('connectGetAllDomainStats', ({ doms }) =>
    doms
      .filter(({ uuid }) => uuid !== uuidAt(5))
      .map((domain) => ({ domain, parameters: parametersOf(GUEST) })),
  );
  const { host } = fixture;
  expect([...(await host.sampleAll()).keys()].sort()).toEqual(uuids.filter((_, n) => n !== 5));
});

test('one guest that hangs costs the others a second once, and is asked again once it answers', async () => {
  let isHung = true;
  const occupied = serve((n) => (n === 4 && isHung ? hang : GUEST));
  const { daemon, host, clock } = fixture;
  const first = await passTime(clock, host.sampleAll());
  expect([...first.keys()].sort()).toEqual(uuids.filter((_, n) => n !== 4));
  expect(host.hungDomains).toEqual(new Set([uuidAt(4)]));
  expect(singly()).toEqual([]);
  daemon.calls.length = 0;
  expect((await host.sampleAll()).size).toBe(26);
  expect(groupsAsked().flat()).not.toContain(4);
  isHung = false;
  occupied.clear();
  daemon.drop();
  await passTime(
    clock,
    until(() => host.isConnected && host.hungDomains.size === 0),
  );
  expect((await host.sampleAll()).size).toBe(27);
});

test('a guest that hangs and has no others beside it does not have all domains asked', async () => {
  serve(() => hang);
  const { daemon, host, clock } = fixture;
  const [alone] = domains;
  daemon.on('connectListAllDomains', () => ({ domains: alone ? [alone] : [], count: 1 }));
  await passTime(clock, host.sampleAll());
  expect(groupsAsked()).toEqual([[0]]);
  expect(host.hungDomains).toEqual(new Set([uuidAt(0)]));
});

test('a call that is late although no guest hangs blames none', async () => {
  serve();
  const { daemon, host, clock } = fixture;
  let isLate = true;
  daemon.on('connectGetAllDomainStats', ({ doms }) => {
    if (isLate && doms.length === 25) {
      isLate = false;
      return hang;
    }
    return doms.map((domain) => ({ domain, parameters: parametersOf(GUEST) }));
  });
  expect((await passTime(clock, host.sampleAll())).size).toBe(27);
  expect(host.hungDomains).toEqual(new Set());
});

test('if more guests hang than there are places, the others are asked by themselves after a sign of life', async () => {
  serve((n) => (n < 5 ? hang : GUEST));
  const { daemon, host, clock } = fixture;
  let cpuTime = 0n;
  daemon.on('domainGetInfo', ({ dom }) => ({
    state: 1,
    maxMemory: 1024,
    memory: 512,
    vcpus: 2,
    cpuTime: uuids.indexOf(dom.uuid) < 5 ? 0n : cpuTime++,
  }));
  const samples = await passTime(clock, host.sampleAll());
  expect(host.hungDomains).toEqual(new Set([uuidAt(0), uuidAt(1)]));
  expect(host.silentDomains).toEqual(new Set([2, 3, 4].map(uuidAt)));
  for (const n of [2, 3, 4]) {
    expect(samples.get(uuidAt(n))).toMatchObject({ current: 512, lastUpdate: undefined });
  }
  for (const n of [5, 11]) expect(samples.get(uuidAt(n))?.lastUpdate).toBeGreaterThan(0);
});

test('a round ends with its signal and with its connection', async () => {
  serve(() => hang);
  const { daemon, host } = fixture;
  const controller = new AbortController();
  const aborted = host.sampleAll({ signal: controller.signal });
  await until(() => groupsAsked().length > 0);
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ kind: 'timed-out' });
  daemon.calls.length = 0;
  const lost = host.sampleAll({ timeout: Milliseconds(60_000) });
  await until(() => daemon.received('connectListAllDomains').length > 0);
  daemon.drop();
  await expect(lost).rejects.toMatchObject({ kind: 'unreachable' });
});
