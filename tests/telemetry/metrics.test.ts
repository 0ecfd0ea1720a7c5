import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { MomClient } from '../../src/policy/mom/momClient.ts';
import { saying, useMom } from '../support/fakeMom.ts';
import { until } from '../support/until.ts';
import { busyWorld, pageOf, seriesIn } from '../support/metricsPage.ts';
import { World } from '../support/world.ts';
import { VirtualClock } from '../support/virtualClock.ts';

const fixture = useMom();
const golden = join(import.meta.dirname, '../../fixtures/metrics/page.txt');

/** Replaces values that differ between runs. */
const normalised = (page: string): string =>
  page.replace(/^(process_\w+) .*$/gm, '$1 0').replace(/nodejs="[^"]*"/, 'nodejs="v20"');

describe('the page of metrics', () => {
  let page: string;
  beforeAll(async () => {
    const { world, counters } = await busyWorld();
    page = normalised(await pageOf(world, { counters }));
  });

  test('is the golden page, which VMEMD_TEST_UPDATE_GOLDEN=1 writes anew', () => {
    if (process.env['VMEMD_TEST_UPDATE_GOLDEN']) writeFileSync(golden, page);
    expect(page).toBe(readFileSync(golden, 'utf8'));
  });

  test('declares each metric once, before its series', () => {
    const names = [...page.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name);
    expect(names).toEqual([...new Set(names)]);
    expect(page.match(/^# HELP/gm)).toHaveLength(names.length);
  });

  test('has no series twice', () => {
    expect(seriesIn(page).length).toBeGreaterThan(100);
  });
});

describe('the page', () => {
  test('omits a host that cannot be read', async () => {
    const world = await World.open();
    await world.boot(1);
    const pressure = { read: () => Promise.reject(new HypervisorError('timed-out', 'no answer')) };
    const names = seriesIn(await pageOf(world, { pressure })).map(({ name }) => name);
    expect(names).toContain('vmemd_vm_memory_bytes');
    expect(names).not.toContain('vmemd_host_memory_bytes');
  });

  test('has what is reserved', async () => {
    const world = await World.open();
    await world.during(1, world.call('Host.reserveMemory', { amount: 1024 }));
    const reserved = seriesIn(await pageOf(world)).filter(({ name }) => name.includes('reserv'));
    expect(reserved.map(({ name, labels, value }) => [name, labels['state'], value])).toEqual([
      ['vmemd_reserved_bytes', undefined, 1024 ** 2],
      ['vmemd_reserved_lacking_bytes', undefined, 0],
      ['vmemd_reservations', 'held', 1],
      ['vmemd_reservations', 'making', 0],
    ]);
  });

  test('has what can be promised and freed, as Host.getMemoryHeadroom returns it', async () => {
    const { world } = await busyWorld();
    const headroom = (await world.call('Host.getMemoryHeadroom')) as Record<string, unknown>;
    const { promisable_kib, freeable_kib } = headroom;
    const page = seriesIn(await pageOf(world, { pressure: world.simulatedPressure() }));
    const valueOf = (metric: string) => page.find(({ name }) => name === metric)?.value;
    expect(Number(freeable_kib)).toBeGreaterThan(0);
    expect(valueOf('vmemd_host_memory_promisable_bytes')).toBe(Number(promisable_kib) * 1024);
    expect(valueOf('vmemd_host_memory_freeable_bytes')).toBe(Number(freeable_kib) * 1024);
  });

  test('omits what can be promised and freed while it is not known what the host has', async () => {
    const world = await World.open();
    const unknown = () => Promise.reject(new HypervisorError('timed-out', 'no answer'));
    world.reservations.account = unknown;
    const names = seriesIn(await pageOf(world)).map(({ name }) => name);
    expect(names.filter((name) => /promisable|freeable/.test(name))).toEqual([]);
    expect(names).toContain('vmemd_reserved_bytes');
  });

  test('has what the policy keeps available only while it is on', async () => {
    const world = await World.open();
    const kept = async () =>
      seriesIn(await pageOf(world)).filter(({ name }) => /_(?:goal|reserve)_bytes$/.test(name));
    expect(await kept()).toEqual([]);
    await world.policy.setPolicy({ mode: 'observe' });
    expect((await kept()).map(({ name, value }) => [name, value])).toEqual(
      [
        ['vmemd_host_memory_goal_bytes', 0.2 * 16 * 1024 ** 3],
        ['vmemd_host_memory_reserve_bytes', 0.05 * 16 * 1024 ** 3],
      ].map(([name, bytes]) => [name, 1024 * Math.round(Number(bytes) / 1024)]),
    );
  });

  test("does not wait for MoM, and shows the result of the previous page's request", async () => {
    const { mom } = fixture;
    const answers: (() => void)[] = [];
    mom.answer = (response) => answers.push(() => response.end(saying(true)));
    const world = await World.open({ mom: new MomClient(mom.path, new VirtualClock()) });
    const active = async () =>
      seriesIn(await pageOf(world)).find(({ name }) => name === 'vmemd_mom_active')?.value;
    expect(await active()).toBeUndefined();
    await until(() => answers.length === 1);
    answers[0]?.();
    await until(() => world.mom.wasActive === true);
    expect(await active()).toBe(1);
  });

  test('has no VMs before they are read', async () => {
    const world = await World.open();
    await world.boot(1);
    world.faults.listDomains = () => Promise.reject(new HypervisorError('unreachable', 'no'));
    await expect(world.restart()).rejects.toThrow('no');
    const page = seriesIn(await pageOf(world));
    expect(page.filter(({ labels }) => 'domain' in labels)).toEqual([]);
    expect(page.filter(({ name }) => /promisable|freeable/.test(name))).toEqual([]);
    expect(page.map(({ name }) => name)).toContain('libvirt_up');
  });
});
