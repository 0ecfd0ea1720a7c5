import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { MomClient } from '../../src/policy/mom/momClient.ts';
import { saying, useMom } from '../support/fakeMom.ts';
import { until } from '../support/until.ts';
import { withFaults } from '../support/faults.ts';
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
  test('omits host memory that cannot be read', async () => {
    const world = await World.open();
    const { hypervisor, faults } = withFaults(world.host);
    faults.hostMemory = () => Promise.reject(new HypervisorError('timed-out', 'no answer'));
    await world.boot(1);
    const names = seriesIn(await pageOf(world, { hypervisor })).map(({ name }) => name);
    expect(names).toContain('vmemd_vm_memory_bytes');
    expect(names).not.toContain('vmemd_host_memory_bytes');
  });

  test('limits the time to read host memory', async () => {
    const world = await World.open();
    const { hypervisor, faults } = withFaults(world.host);
    const timeouts: unknown[] = [];
    faults.hostMemory = (options) => {
      timeouts.push(options?.timeout);
      return world.host.hostMemory();
    };
    await pageOf(world, { hypervisor });
    expect(timeouts).toEqual([2000]);
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
    expect(page.map(({ name }) => name)).toContain('libvirt_up');
  });
});
