import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Line, pageOf, seriesIn } from '../support/metricsPage.ts';
import { openGuest } from '../support/memoryGuest.ts';
import { idOf, World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await World.open();
});

const series = async (): Promise<readonly Line[]> => seriesIn(await pageOf(world));

/** Returns the values of VM 1's metrics by name. */
async function figures(domain = 'vm1'): Promise<Readonly<Record<string, number>>> {
  const own = (await series()).filter(({ labels }) => labels['domain'] === domain);
  return Object.fromEntries(own.map(({ name, value }) => [name, value]));
}

const guests = [
  'libvirt_domain_memory_stats_available_bytes',
  'libvirt_domain_memory_stats_unused_bytes',
  'libvirt_domain_memory_stats_usable_bytes',
  'libvirt_domain_memory_stats_disk_caches_bytes',
  'libvirt_domain_memory_stats_swap_in_bytes',
  'libvirt_domain_memory_stats_swap_out_bytes',
  'libvirt_domain_memory_stats_major_fault_total',
  'libvirt_domain_memory_stats_minor_fault_total',
  'vmemd_vm_used_bytes',
];
const hosts = [
  'libvirt_domain_info_memory_usage_bytes',
  'libvirt_domain_memory_stats_actual_balloon_bytes',
  'libvirt_domain_memory_stats_rss_bytes',
  'vmemd_vm_balloon_held_bytes',
];

const MIB = 1024 ** 2;

describe('the metrics of a VM', () => {
  test('are in bytes and equal what the verbs report', async () => {
    const vmID = await world.boot(1);
    await world.call('VM.setBalloonTarget', { vmID, target: 768 * 1024 });
    await world.sampled();
    expect(await figures()).toMatchObject({
      vmemd_vm_memory_bytes: 1024 * MIB,
      vmemd_vm_guaranteed_bytes: 512 * MIB,
      vmemd_vm_balloon_target_bytes: 768 * MIB,
      vmemd_vm_balloon_held_bytes: 256 * MIB,
      libvirt_domain_memory_stats_actual_balloon_bytes: 768 * MIB,
      libvirt_domain_info_memory_usage_bytes: 768 * MIB,
    });
    const { used_kib: used } = (await world.call('VM.getMemoryUsage', { vmID })) as {
      used_kib: number;
    };
    expect(await figures()).toMatchObject({ vmemd_vm_used_bytes: used * 1024 });
  });

  test('show which VMs hang', async () => {
    await world.boot(1);
    const hung = await world.boot(2);
    const recover = world.host.guest(hung).hang();
    const byDomain = async () => [await figures('vm1'), await figures('vm2')];
    expect(await byDomain()).toMatchObject([{ vmemd_vm_hung: 0 }, { vmemd_vm_hung: 1 }]);
    recover();
    expect(await byDomain()).toMatchObject([{ vmemd_vm_hung: 0 }, { vmemd_vm_hung: 0 }]);
  });

  test('contain of a stale guest report only its age', async () => {
    const vmID = await world.boot(1);
    expect(Object.keys(await figures())).toEqual(expect.arrayContaining([...guests, ...hosts]));
    world.host.guest(vmID).setBehaviour({ statistics: false });
    await world.sampled();
    await world.sampled();
    const stale = await figures();
    for (const name of guests) expect(stale).not.toHaveProperty(name);
    expect(Object.keys(stale)).toEqual(expect.arrayContaining(hosts));
    expect(stale['vmemd_vm_statistics_age_seconds']).toBeGreaterThan(25);
  });

  test('contain nothing of the last sample once the hypervisor stops replying', async () => {
    const vmID = await world.boot(1);
    world.host.guest(vmID).hang();
    for (let round = 0; round < 10; round += 1) await world.sampled();
    const hung = await figures();
    for (const name of [...guests, ...hosts]) expect(hung).not.toHaveProperty(name);
    expect(hung).toMatchObject({ vmemd_vm_guaranteed_bytes: 512 * MIB });
  });

  test('report memory that is not online, and memory with a pending unplug', async () => {
    const vmID = await world.boot(1);
    world.host.guest(vmID).setBehaviour({ onlines: false, unplug: 'ignores' });
    const alias = await world.plug(vmID, 128);
    expect(await figures()).toMatchObject({ vmemd_vm_memory_not_online_bytes: 0 });
    for (let round = 0; round < 3; round += 1) await world.sampled();
    expect(await figures()).toMatchObject({
      vmemd_vm_memory_not_online_bytes: 128 * MIB,
      vmemd_vm_memory_unplugging_bytes: 0,
    });
    await world.unplug(vmID, alias);
    expect(await figures()).toMatchObject({
      vmemd_vm_memory_not_online_bytes: 0,
      vmemd_vm_memory_unplugging_bytes: 128 * MIB,
    });
  });

  test('contain nothing but the VMs themselves while the hypervisor is away', async () => {
    await world.boot(1);
    world.host.disconnect();
    const named = (await series()).filter(({ labels }) => 'domain' in labels);
    expect(named.map(({ name }) => name)).toEqual(['vmemd_vm_info']);
    world.host.reconnect();
    expect(await figures()).toHaveProperty('vmemd_vm_memory_bytes');
  });

  test('have no pending memory of devices that another program plugged', async () => {
    const vmID = await world.boot(1);
    await world.host.attachDevice(
      vmID,
      "<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>",
    );
    await world.seconds(1);
    const found = await figures();
    expect(found).not.toHaveProperty('vmemd_vm_memory_not_online_bytes');
    expect(found).not.toHaveProperty('vmemd_vm_memory_unplugging_bytes');
  });

  test('have the balloon of a guest that has stopped to report, and 0 while it reports', async () => {
    const name = 'vmemd_vm_balloon_unreported_bytes';
    const vmID = await world.boot(1);
    await world.call('VM.setBalloonTarget', { vmID, target: 768 * 1024 });
    await world.sampledFor(30);
    expect(await figures()).toMatchObject({ [name]: 0 });
    world.host.guest(vmID).setBehaviour({ statistics: false });
    await world.sampledFor(60);
    expect(await figures()).toMatchObject({ [name]: 256 * MIB });
  });

  test('have no target without a balloon', async () => {
    await world.boot(1, { devices: [{ type: 'balloon', device: 'memballoon', model: 'none' }] });
    const found = await figures();
    expect(found).not.toHaveProperty('vmemd_vm_balloon_target_bytes');
    expect(found).not.toHaveProperty('libvirt_domain_memory_stats_actual_balloon_bytes');
    expect(found).toHaveProperty('libvirt_domain_memory_stats_rss_bytes');
  });

  test('have exactly one state of its statistics set', async () => {
    await world.boot(1);
    await world.boot(2, { kernelArgs: 'vmemd.sim=no-driver' });
    const states = (await series()).filter(({ name }) => name === 'vmemd_vm_statistics_state');
    expect(states).toHaveLength(14);
    const holding = states.filter(({ value }) => value === 1).map(({ labels }) => labels);
    expect(holding).toEqual([
      { domain: 'vm1', state: 'fresh' },
      { domain: 'vm2', state: 'never' },
    ]);
  });

  test('end with the VM', async () => {
    await world.boot(1);
    await world.call('VM.destroy', { vmID: idOf(1) });
    expect((await series()).filter(({ labels }) => 'domain' in labels)).toEqual([]);
  });

  test('contain of a VM that is down only its status', async () => {
    const vmID = await world.boot(1);
    world.host.guest(vmID).crash();
    await world.seconds(1);
    expect((await series()).filter(({ labels }) => 'domain' in labels)).toEqual([
      { name: 'vmemd_vm_info', labels: { domain: 'vm1', uuid: vmID, status: 'Down' }, value: 1 },
    ]);
  });

  test('do not accumulate while VMs come and go', async () => {
    const sizes: number[] = [];
    for (let n = 1; n <= 3; n += 1) {
      await world.boot(n);
      sizes.push((await series()).length);
      await world.call('VM.destroy', { vmID: idOf(n) });
    }
    expect(new Set(sizes).size).toBe(1);
  });
});

test('the memory of a VM with DIMMs and virtio-mem is the same in the metrics, the usage and memUsage', async () => {
  const { world: other, vmID, set, ask } = await openGuest({ devices: [128], virtioMem: 2048 });
  await set({ memory: 3072 });
  await other.sampledFor(60);
  const found = seriesIn(await pageOf(other)).find(({ name }) => name === 'vmemd_vm_memory_bytes');
  expect(found?.value).toBe(3072 * MIB);
  expect(await ask('getMemoryUsage')).toMatchObject({ memory_kib: 3072 * 1024 });
  const { memUsage, memoryStats } = (await other.stats(vmID)) as {
    readonly memUsage: string;
    readonly memoryStats: { readonly mem_free: string };
  };
  const used = 100 - (Number(memoryStats.mem_free) / (3072 * 1024)) * 100;
  expect(Number(memUsage)).toBe(Math.floor(used));
  expect(used).toBeGreaterThan(1);
});
