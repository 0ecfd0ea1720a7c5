import { expect, jest, test } from '@jest/globals';
import { KiB } from '../../src/common/units.ts';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { idOf, World } from '../support/world.ts';

type Fields = Readonly<Record<string, unknown>>;
interface Answer {
  readonly revision: string;
  readonly complete: boolean;
  readonly host: Fields & { readonly warnings: readonly Fields[] };
  readonly vms: readonly (Fields & { readonly warnings: readonly Fields[] })[];
  readonly gone?: readonly string[];
}

const open = async (options = {}) => {
  const world = await World.open(options);
  const look = async (since?: string) =>
    (await world.call('Host.getOverview', since === undefined ? {} : { since })) as Answer;
  return { world, look };
};

test('a host without VMs has its memory and its policy', async () => {
  const { look } = await open();
  const { host, vms, complete } = await look();
  expect({ vms, complete }).toEqual({ vms: [], complete: true });
  expect(host).toMatchObject({
    simulated: true,
    read_only: false,
    vms: 0,
    vms_up: 0,
    used_by_guests_kib: 0,
    balloons_held_kib: 0,
    promised_kib: 0,
    total_kib: 67_108_864,
    free_kib: 59_391_346,
    swap_total_kib: 4_194_304,
    policy: { mode: 'off', algorithm: 'adaptive', by: 'configuration' },
    warnings: [],
  });
});

test('a VM has the figures of VM.getBalloonInfo and VM.getMemoryUsage', async () => {
  const { world, look } = await open();
  const vmID = await world.boot();
  await world.call('VM.setBalloonTarget', { vmID, target: 786_432 });
  await world.sampledFor(120);
  const [vm] = (await look()).vms;
  const balloon = await world.balloon(vmID);
  const usage = (await world.call('VM.getMemoryUsage', { vmID })) as Fields;
  expect(vm).toMatchObject({
    id: vmID,
    name: 'vm1',
    status: 'Up',
    target_kib: 786_432,
    current_kib: 786_432,
    floor_kib: 524_288,
    guaranteed_kib: 524_288,
    maximum_kib: Number(balloon['balloon_max']),
    ceiling_kib: 4_194_304,
    memory_kib: usage['memory_kib'],
    used_kib: usage['used_kib'],
    resident_kib: usage['resident_kib'],
    balloon_held_kib: 262_144,
    freshness: usage['freshness'],
    last_update: balloon['last_update'],
    target_by: 'client',
    moving: 'at-target',
    swap_in_kib_s: 0,
    swap_out_kib_s: 0,
    jobs: [],
    warnings: [],
  });
});

test('the host has the sums of its VMs', async () => {
  const { world, look } = await open();
  await world.boot(1);
  await world.boot(2, { memGuaranteedSize: 256 });
  const { host, vms } = await look();
  const resident = vms.reduce((sum, vm) => sum + Number(vm['resident_kib']), 0);
  expect(host).toMatchObject({
    vms: 2,
    vms_up: 2,
    promised_kib: (512 + 256) * 1024,
    used_by_guests_kib: resident,
    balloons_held_kib: 0,
  });
});

test('a guest that has stopped to report has no figures of its own, and a warning says why', async () => {
  const { world, look } = await open();
  const vmID = await world.boot();
  world.host.guest(vmID).setBehaviour({ statistics: false });
  await world.sampledFor(60);
  const [vm] = (await look()).vms;
  expect(vm).not.toHaveProperty('used_kib');
  expect(vm).toMatchObject({
    freshness: { state: 'stale' },
    used_absent_because: 'the guest has stopped reporting',
    warnings: [{ kind: 'not-reporting', text: 'the guest has stopped reporting' }],
  });
});

test('a VM whose QEMU hangs has no present figures, and a warning says what to do', async () => {
  const { world, look } = await open();
  const vmID = await world.boot();
  world.host.guest(vmID).hang();
  await world.sampledFor(60);
  const [vm] = (await look()).vms;
  expect(vm).not.toHaveProperty('current_kib');
  expect(vm).not.toHaveProperty('resident_kib');
  expect(vm?.warnings).toMatchObject([
    { kind: 'not-answering', text: expect.stringContaining('QEMU') },
  ]);
});

test('a VM that does not run has the sizes of its domain and nothing of a run', async () => {
  const { world, look } = await open();
  world.host.guest(await world.boot()).crash();
  await world.seconds(1);
  const [vm] = (await look()).vms;
  expect(vm).toMatchObject({ status: 'Down', memory_kib: 1_048_576, warnings: [] });
  for (const name of ['current_kib', 'target_kib', 'used_kib', 'floor_kib'])
    expect(vm).not.toHaveProperty(name);
});

test('a plug that the guest works on is a job, and an unplug that it refuses a warning', async () => {
  const { world, look } = await open();
  const unwilling = { kernel: '/vmlinuz', kernelArgs: 'vmemd.sim=refuses-unplug' };
  const vmID = await world.boot(1, unwilling);
  const alias = await world.plug(vmID, 256);
  const during = (await look()).vms;
  await world.sampled();
  await world.unplug(vmID, alias).catch(() => undefined);
  const after = (await look()).vms;
  expect(during).toMatchObject([{ jobs: [{ action: 'plug', devices: 1, devices_open: 1 }] }]);
  expect(after).toMatchObject([
    { jobs: [], warnings: [{ kind: 'unplug-refused', text: expect.stringContaining(alias) }] },
  ]);
});

test('a client that names a revision gets only what has changed, and what is gone', async () => {
  const { world, look } = await open();
  const [first, second] = [await world.boot(1), await world.boot(2)];
  const { revision } = await look();
  await world.seconds(1);
  const quiet = await look(revision);
  await world.call('VM.setGuaranteedMemory', { vmID: first, guaranteed: 600 });
  const changed = await look(quiet.revision);
  await world.call('VM.destroy', { vmID: second });
  const left = await look(changed.revision);
  expect(quiet).toMatchObject({ revision, complete: false, vms: [], gone: [] });
  expect(changed.vms.map(({ id }) => id)).toEqual([first]);
  expect(left).toMatchObject({ complete: false, vms: [], gone: [second] });
});

test.each(['', 'x', '00000000-1', '0'.repeat(500)])(
  'a revision of another vmemd gets everything: %j',
  async (since) => {
    const { world, look } = await open();
    await world.boot();
    expect(await look(since)).toMatchObject({ complete: true, vms: [{ id: idOf(1) }] });
  },
);

test('a host that is out of reach still shows what is known of its VMs', async () => {
  const { world, look } = await open();
  await world.boot();
  world.host.disconnect();
  await world.seconds(60);
  const { host, vms } = await look();
  expect(host).toMatchObject({ vms: 1, promised_kib: 524_288 });
  expect(host).not.toHaveProperty('used_by_guests_kib');
  expect(vms).toMatchObject([{ name: 'vm1', warnings: [{ kind: 'not-answering' }] }]);
});

test('an answer with everything has the ages of its moment, and one with changes leaves out what only ages', async () => {
  const { world, look } = await open();
  await world.boot();
  const { revision } = await look();
  const age = async () => {
    const [vm] = (await look()).vms;
    return (vm?.['freshness'] as { age_s: number }).age_s;
  };
  const before = await age();
  await world.seconds(3);
  expect((await look(revision)).vms).toEqual([]);
  expect(await age()).toBe(before + 3);
});

test('a balloon that stands still for long is stuck also for clients that ask for changes', async () => {
  const { world, look } = await open();
  const stuck = { kernel: '/k', kernelArgs: 'vmemd.sim=no-driver' };
  const vmID = await world.boot(1, stuck);
  await world.call('VM.setBalloonTarget', { vmID, target: 786_432 });
  await world.sampledFor(60);
  const { revision } = await look();
  await world.sampledFor(120);
  const [vm] = (await look(revision)).vms;
  expect(vm).toMatchObject({ moving: 'stuck' });
  expect(vm?.warnings.map(({ kind }) => kind)).toContain('balloon-stuck');
});

test('a balloon that another program has moved is told with its size, which is its target', async () => {
  const { world, look } = await open();
  const vmID = await world.boot(1);
  await world.host.setBalloon(vmID, KiB(786_432));
  await world.sampledFor(20);
  const [vm] = (await look()).vms;
  expect(vm?.warnings).toContainEqual({
    kind: 'balloon-moved-outside',
    text: 'the balloon leaves 768 MiB: the guest or another program has moved it',
  });
});

test('what can be promised and freed is what Host.getMemoryHeadroom says, and what is reserved is shown', async () => {
  const { world, look } = await open();
  await world.boot();
  await world.call('Host.reserveMemory', { amount: 1_048_576, deadline: 10 });
  await world.sampledFor(10);
  const { host } = await look();
  const headroom = (await world.call('Host.getMemoryHeadroom')) as Fields;
  expect(host).toMatchObject({
    reserve_kib: headroom['reserve_kib'],
    reserved_kib: 1_048_576,
    could_free_kib: headroom['freeable_kib'],
    could_promise_kib: headroom['promisable_kib'],
  });
});

test('a reservation that was just made or released is shown at once', async () => {
  const { world, look } = await open();
  const reserved = async () => (await look()).host['reserved_kib'];
  expect(await reserved()).toBe(0);
  const made = await world.call('Host.reserveMemory', { amount: 1_048_576, deadline: 10 });
  expect(await reserved()).toBe(1_048_576);
  await world.call('Host.releaseMemory', { reservationID: (made as Fields)['reservationID'] });
  expect(await reserved()).toBe(0);
});

test('does not wait for a hypervisor that does not answer', async () => {
  const { world, look } = await open();
  const limits: unknown[] = [];
  jest.spyOn(world.host, 'node').mockImplementation((options) => {
    limits.push(options?.timeout);
    return Promise.reject(new HypervisorError('timed-out', 'no answer'));
  });
  expect((await look()).host).toMatchObject({ vms: 0 });
  expect(limits).toEqual([2000]);
});
