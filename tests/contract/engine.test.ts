import { describe, expect, test } from '@jest/globals';
import { Procfs } from '../../src/host/report/procfs.ts';
import { HostReport } from '../../src/host/report/hostReport.ts';
import { MomClient } from '../../src/policy/mom/momClient.ts';
import * as engine from '../support/engineDecoders.ts';
import { useMom } from '../support/fakeMom.ts';
import { procfs, rootWith } from '../support/procfs.ts';
import { idOf, parameters, World } from '../support/world.ts';
import { VirtualClock } from '../support/virtualClock.ts';

type Fields = Readonly<Record<string, unknown>>;

const CAST = 'ClassCastException';
const FORMAT = 'NumberFormatException';
const NULL = 'NullPointerException';

describe("the engine's decoders", () => {
  // int, long, double, bool, string, list: as measured on the engine
  test.each<[unknown, readonly unknown[]]>([
    [5, [5, 5, undefined, false, undefined, undefined]],
    [5.75, [CAST, undefined, 5.75, false, undefined, undefined]],
    [3_000_000_000, [CAST, 3_000_000_000, undefined, false, undefined, undefined]],
    ['5', [5, 5, 5, false, '5', undefined]],
    ['5.75', [5, 5, 5.75, false, '5.75', undefined]],
    ['', [undefined, undefined, FORMAT, false, '', undefined]],
    ['abc', [undefined, undefined, FORMAT, false, 'abc', undefined]],
    [true, [CAST, undefined, undefined, true, undefined, undefined]],
    ['True', [undefined, undefined, FORMAT, true, 'True', undefined]],
    [null, [undefined, undefined, undefined, NULL, undefined, undefined]],
    [[1], [CAST, undefined, undefined, false, undefined, [1]]],
    [undefined, [undefined, undefined, undefined, false, undefined, undefined]],
  ])('decode %j as the engine does', (value, expected) => {
    const outcomes = Object.values(engine.decoders).map((decode) => {
      try {
        return decode(value);
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(outcomes).toEqual(expected);
  });
});

/** Returns every nested value with its path. */
const leaves = (value: unknown, path = ''): readonly (readonly [string, unknown])[] =>
  typeof value === 'object' && value !== null ?
    Object.entries(value).flatMap(([key, one]) => leaves(one, `${path}.${key}`))
  : [[path, value]];

/** Fails on values that further decoders reject: null, and numbers with a fraction. */
function expectNoOddValues(result: unknown): void {
  for (const [path, value] of leaves(result)) {
    const isOdd = value === null || (typeof value === 'number' && !Number.isInteger(value));
    expect([path, value, isOdd]).toEqual([path, value, false]);
  }
}

const networks = {
  'sys/class/net/eth0/address': '52:54:00:00:00:01\n',
  'sys/class/net/eth0/mtu': '1500\n',
  'sys/class/net/eth0/speed': '10000\n',
  'sys/class/net/ovirtmgmt/bridge/stp_state': '0\n',
  'sys/class/net/bond0/bonding/slaves': 'eth2 eth3\n',
  'sys/class/net/eth0.20/mtu': '1500\n',
  'proc/net/vlan/eth0.20': 'eth0.20  VID: 20\t REORDER_HDR: 1\nDevice: eth0\n',
};
const talkative = {
  ...networks,
  'proc/cmdline': 'quiet\n',
  'proc/sys/kernel/random/boot_id': '2f0c\n',
  'sys/kernel/kexec_crash_loaded': '0\n',
};

describe.each([
  ['a usual machine', () => procfs()],
  ['a machine with networks', () => procfs(talkative)],
  ['a machine that tells nothing', () => new Procfs(rootWith({}))],
])('the reply to %s', (_, proc) => {
  const ask = async (method: string) => {
    const world = await World.open();
    await world.boot();
    const host = new HostReport(world.host, proc());
    // some figures need a second call
    await world.call(method, {}, { host });
    return (await world.call(method, {}, { host })) as Fields;
  };

  test('brings the host Up in the engine', async () => {
    const told = await ask('Host.getCapabilities');
    expectNoOddValues(told);
    expect(engine.decoded(told, engine.capabilities)).toMatchObject({
      memSize: 65_536,
      reservedMem: 321,
      kvmEnabled: true,
      clusterLevels: expect.arrayContaining(['4.7']),
      emulatedMachines: expect.arrayContaining([expect.stringMatching(/^pc-q35/)]),
      rngSources: expect.arrayContaining(['random']),
      cpuFlags: expect.stringMatching(/(^|,)model_\w/),
      selinux: { mode: -1 },
      fipsEnabled: false,
    });
  });

  test('has figures that the engine can decode', async () => {
    const told = await ask('Host.getStats');
    expectNoOddValues(told);
    expect(engine.decoded(told, engine.stats)).toMatchObject({
      memFree: expect.any(Number),
      elapsedTime: expect.any(Number),
      vmCount: 1,
      vmActive: 1,
    });
  });
});

test('every member that the engine reads is present if the machine has it', async () => {
  const world = await World.open();
  const host = new HostReport(world.host, procfs(talkative));
  const told = (await world.call('Host.getCapabilities', {}, { host })) as Fields;
  expect(Object.keys(told)).toEqual(expect.arrayContaining(Object.keys(engine.capabilities)));
  expect(engine.decoded(told, engine.capabilities)).toMatchObject({
    nics: { eth0: { mtu: 1500, speed: 10_000 } },
    vlans: { 'eth0.20': { vlanid: 20, iface: 'eth0' } },
    bondings: { bond0: { slaves: ['eth2', 'eth3'] } },
    networks: { ovirtmgmt: { iface: 'ovirtmgmt', bridged: true } },
    numaNodes: { 0: { totalMemory: 8192 } },
    kdumpStatus: 0,
    bootTime: 1_780_000_000,
  });
});

describe('whether MoM runs', () => {
  const fixture = useMom();

  test("reports MoM's actual state", async () => {
    const mom = new MomClient(fixture.mom.path, new VirtualClock());
    const world = await World.open({ mom });
    await expect(world.call('Host.getStats')).resolves.toMatchObject({ momStatus: 'active' });
    await fixture.mom.stop();
    await expect(world.call('Host.getStats')).resolves.toMatchObject({ momStatus: 'inactive' });
  });
});

test('every VM is decodable in every state', async () => {
  const world = await World.open();
  await world.boot(1);
  await world.boot(2, { kernel: '/vmlinuz', kernelArgs: 'vmemd.sim=no-stats' });
  await world.call('VM.pause', { vmID: await world.boot(3) });
  world.host.guest(await world.boot(4)).crash();
  const vmID = await world.boot(5);
  await world.call('VM.setCpuTuneQuota', { vmID, quota: 50_000 });
  await world.call('VM.setCpuTunePeriod', { vmID, period: 100_000 });
  await world.call('VM.updateVmPolicy', { vmID, params: { vmId: vmID, vcpuLimit: '50' } });
  await world.call('VM.create', { vmID: idOf(6), vmParams: parameters(6) });
  const told = (await world.call('Host.getAllVmStats')) as readonly Fields[];
  expectNoOddValues(told);
  const read = told.map((one) => engine.decoded(one, engine.vmStats));
  expect(read.map(({ vmId, status }) => [vmId, status])).toEqual([
    [idOf(1), 'Up'],
    [idOf(2), expect.any(String)],
    [idOf(3), 'Paused'],
    [idOf(4), 'Down'],
    [idOf(5), 'Up'],
    [idOf(6), 'WaitForLaunch'],
  ]);
  expect(read[0]).toMatchObject({
    hash: expect.any(String),
    memUsage: expect.any(Number),
    balloonInfo: { balloon_cur: 1_048_576, balloon_min: 524_288 },
    elapsedTime: expect.any(Number),
    monitorResponse: 0,
  });
  expect(read[3]).toMatchObject({ exitCode: 1, exitMessage: expect.any(String) });
  expect(read[4]).toMatchObject({
    memoryStats: { mem_unused: expect.any(Number), mem_free: expect.any(Number) },
    vcpuQuota: 50_000,
    vcpuPeriod: 100_000,
    vcpuUserLimit: 50,
  });
});

test('balloonInfo has the four members that the engine requires', async () => {
  const world = await World.open();
  const { balloonInfo } = await world.stats(await world.boot());
  expect(Object.keys(balloonInfo as Fields).length).toBeGreaterThanOrEqual(4);
});
