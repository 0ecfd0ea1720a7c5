import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from '@jest/globals';
import type { Result } from '../../src/client/methods.ts';
import { WsClient } from '../support/wsClient.ts';
import { atEnd } from './cleanup.ts';
import { eventually, Guest } from './guest.ts';
import { hosts } from './hosts.ts';
import { Vmemd } from './vmemd.ts';

const run = promisify(execFile);

/** A VM counts as not responding after this many seconds. */
const PATIENCE = 10;
/** Well after this many milliseconds without a report, statistics are stale, unless there is a reason. */
const ALARM = 6000;
const IMPATIENT = `[vars]\nvm_command_timeout = ${String(PATIENCE)}\n`;

type Glance = Result<'Host.getOverview'>;
const glance = async (client: WsClient): Promise<Glance> =>
  (await client.call('Host.getOverview')) as Glance;
const rowOf = (vms: Glance['vms'], vmID: string): Partial<Glance['vms'][number]> =>
  vms.find(({ id }) => id === vmID) ?? {};

for (const { name, suite, uri, real } of hosts) {
  suite(`a guest's statistics on ${name}`, () => {
    let vmemd: Vmemd;
    let client: WsClient;
    let guest: Guest;
    let other: Guest;
    let driverless: Guest;
    /** When the other one was paused. */
    let pausedAt: number;
    const later = atEnd();
    const onReal = (claim: string, test: () => Promise<void>): void => {
      if (real) it(claim, test);
    };

    const virsh = async (...args: string[]): Promise<string> => {
      const { stdout } = await run('virsh', ['--quiet', '--connect', uri, ...args]);
      return stdout.trim();
    };
    /** The numbers that virsh prints, by name. */
    const dommemstat = async (vmID: string): Promise<Readonly<Record<string, number>>> => {
      const lines = (await virsh('dommemstat', vmID)).matchAll(/^(\w+) (\d+)$/gm);
      return Object.fromEntries([...lines].map(([, key = '', value]) => [key, Number(value)]));
    };
    const livePeriod = async (): Promise<string | undefined> =>
      /<stats period=['"](\d+)/.exec(await guest.xml())?.[1];
    /** The states of freshness in this VM's events. */
    const told = (vmID: string): unknown[] =>
      client.notifications.flatMap(({ method, params }) => {
        const news = params[vmID] as { event?: string; freshness?: { state?: string } } | undefined;
        const isNews = method === `|virt|VM_memory|${vmID}` && news?.event === 'freshness';
        return isNews ? [news.freshness?.state] : [];
      });
    /** Waits until the other one counts as responding. */
    const responds = () =>
      eventually(
        () => other.stats(),
        ({ monitorResponse }) => monitorResponse === '0',
      );
    const connect = async (): Promise<void> => {
      vmemd = await Vmemd.start(uri, IMPATIENT);
      client = await WsClient.connect(vmemd.url);
      await client.call('Events.subscribe', { events: ['|virt|*|*'] });
    };

    beforeAll(async () => {
      await connect();
      // Another one may have replaced it by then.
      later(async () => expect(await vmemd.end()).toBe(0));
      later(() => client.close());
      const guests = [
        (guest = await Guest.create(client)),
        (other = await Guest.create(client)),
        (driverless = await Guest.create(client, 'driverless')),
      ];
      later(() => Promise.all(guests.map((one) => one.dispose())));
      await Promise.all([guest, other].map((one) => one.booted()));
    });

    it('are fresh, and every number has its own meaning', async () => {
      const usage = await guest.statisticsAre('fresh');
      expect(usage).toMatchObject({
        memory_kib: 524_288,
        guaranteed_kib: 262_144,
        allocated_kib: 524_288,
        balloon_held_kib: 0,
        used_kib: (usage.available_kib ?? NaN) - (usage.usable_kib ?? NaN),
        resident_kib: expect.any(Number),
      });
      expect(usage).not.toHaveProperty('used_absent_because');
      expect(told(guest.id)).toContain('fresh');
    });

    onReal('equal what virsh reads side by side', async () => {
      // Both have to have read the same report; there is one each second.
      const [stats, usage] = await eventually(
        async () =>
          [await dommemstat(guest.id), await guest.usage(), await guest.balloon()] as const,
        ([{ last_update = NaN, minor_fault }, { minor_faults }, balloon]) =>
          Date.parse(balloon.last_update ?? '') === last_update * 1000 &&
          minor_faults === minor_fault,
      );
      expect(usage).toMatchObject({
        allocated_kib: stats['actual'],
        available_kib: stats['available'],
        unused_kib: stats['unused'],
        usable_kib: stats['usable'],
        disk_caches_kib: stats['disk_caches'],
        swap_in_kib: stats['swap_in'],
        swap_out_kib: stats['swap_out'],
        major_faults: stats['major_fault'],
      });
      // It grows from one moment to the next.
      expect(Math.abs((usage.resident_kib ?? NaN) - (stats['rss'] ?? NaN))).toBeLessThan(65_536);
    });

    onReal('show at a glance what virsh reads and the kernel says', async () => {
      const [stats, { host, vms }] = await eventually(
        async () => [await dommemstat(guest.id), await glance(client)] as const,
        ([{ last_update = NaN }, { vms: all }]) =>
          Date.parse(rowOf(all, guest.id).last_update ?? '') === last_update * 1000,
      );
      const row = rowOf(vms, guest.id);
      expect(row).toMatchObject({
        status: 'Up',
        current_kib: stats['actual'],
        used_kib: (stats['available'] ?? NaN) - (stats['usable'] ?? NaN),
        guaranteed_kib: 262_144,
        warnings: [],
      });
      expect(Math.abs((row.resident_kib ?? NaN) - (stats['rss'] ?? NaN))).toBeLessThan(65_536);
      const meminfo = await readFile('/proc/meminfo', 'utf8');
      expect(host.total_kib).toBe(Number(/^MemTotal:\s+(\d+)/.exec(meminfo)?.[1]));
      expect(host.simulated).toBe(false);
    });

    it('are paused with the VM', async () => {
      pausedAt = Date.now();
      await other.call('VM.pause');
      const usage = await other.statisticsAre('paused');
      expect(usage.used_absent_because).toContain('paused');
      expect(usage).not.toHaveProperty('used_kib');
      expect(await other.stats()).not.toHaveProperty('memoryStats');
    });

    // Its time passes while the other guest is tested.

    it('distinguish the guest’s own use from what the balloon holds', async () => {
      const { used_kib: before = NaN } = await guest.statisticsAre('fresh');
      await guest.setTarget(300 * 1024);
      await guest.balloonReaches(300 * 1024);
      const usage = await eventually(
        () => guest.usage(),
        ({ freshness, used_kib = NaN }) =>
          freshness.state === 'fresh' && Math.abs(used_kib - before) < 32 * 1024,
      );
      expect(usage).toMatchObject({
        allocated_kib: 300 * 1024,
        balloon_held_kib: 212 * 1024,
      });
      await guest.setTarget(512 * 1024);
      await guest.balloonReaches(512 * 1024);
    });

    it('do not become stale while the VM is paused, and are fresh again after it', async () => {
      await guest.reportsAfter(pausedAt + ALARM);
      expect((await other.usage()).freshness).toEqual({ state: 'paused' });
      await responds();
      const states = told(other.id);
      expect(states.slice(states.indexOf('paused'))).toEqual(['paused']);
      await other.call('VM.cont');
      await other.statisticsAre('fresh');
    });

    onReal(
      'of other guests stay fresh while one QEMU hangs, which is reported as not responding',
      async () => {
        const pid = await qemuOf(other.id);
        process.kill(pid, 'SIGSTOP');
        later(() =>
          Promise.resolve(isStopped(pid)).then((is) => is && process.kill(pid, 'SIGCONT')),
        );
        const stale = await other.statisticsAre('stale');
        const states = await eventually(
          async () => told(other.id),
          (each) => each.at(-1) === 'stale',
        );
        expect(stale.used_absent_because).toMatch(/stopped reporting|QEMU hangs/);
        const stats = await eventually(
          () => other.stats(),
          ({ monitorResponse }) => monitorResponse === '-1',
        );
        expect(stats).not.toHaveProperty('memoryStats');
        expect(stats).toMatchObject({ status: 'Up', memUsage: '0' });
        expect(await other.call('VM.getMeters')).toEqual({});
        expect(told(other.id)).toEqual(states);
        // Its period is the same as before.
        await eventually(
          () => guest.usage(),
          ({ freshness, sample_age_s = NaN }) => freshness.state === 'fresh' && sample_age_s <= 2,
        );
        process.kill(pid, 'SIGCONT');
        await other.statisticsAre('fresh');
        await responds();
      },
    );

    // A guest's period is checked only every 30 s, so this test comes last of the slow ones.
    onReal('go on although somebody took their period away', async () => {
      await virsh('dommemstat', guest.id, '--period', '0', '--live');
      await guest.statisticsAre('stale');
      await guest.statisticsAre('fresh');
      expect(await virsh('dumpxml', guest.id)).toMatch(/<stats period=.1./);
    });

    it('stop and start as a client requests', async () => {
      const done = { code: 0, message: 'Done' };
      expect(await guest.call('VM.setMemoryStatsPeriod', { period: 0 })).toEqual(done);
      await guest.statisticsAre('no-period');
      expect(await guest.call('VM.setMemoryStatsPeriod', { period: 2 })).toEqual(done);
      await guest.statisticsAre('fresh');
      expect(await guest.balloon()).toMatchObject({ stats_period_s: 2 });
      expect(await livePeriod()).toBe('2');
    });

    onReal('are taken up again by another vmemd, with the period that was chosen', async () => {
      expect(await vmemd.end('SIGKILL')).toBe('SIGKILL');
      await virsh('dommemstat', guest.id, '--period', '0', '--live');
      await connect();
      for (const one of [guest, other, driverless]) one.reconnect(client);
      await guest.statisticsAre('fresh');
      expect(await virsh('dumpxml', guest.id)).toMatch(/<stats period=.2./);
    });

    it('never exist for a guest without a balloon driver', async () => {
      if (real) {
        await eventually(
          () => driverless.console().catch(() => ''),
          (text) => text.includes('guest: ready'),
        );
      }
      const usage = await eventually(
        () => driverless.usage(),
        ({ sample_age_s, resident_kib }) =>
          sample_age_s !== undefined && resident_kib !== undefined,
      );
      expect(usage).toMatchObject({ freshness: { state: 'never' }, allocated_kib: 524_288 });
      expect(usage.used_absent_because).toContain('driver');
      for (const absent of ['used_kib', 'available_kib', 'swap_in_kib', 'major_faults']) {
        expect(usage).not.toHaveProperty(absent);
      }
      expect(await driverless.stats()).toMatchObject({ memUsage: '0' });
      expect(await driverless.stats()).not.toHaveProperty('memoryStats');
    });
  });
}

/** The process of this VM's QEMU. */
async function qemuOf(vmID: string): Promise<number> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (words.startsWith('/usr/bin/qemu-system') && words.includes(vmID)) return Number(pid);
  }
  throw new Error(`no QEMU runs ${vmID}`);
}

const isStopped = async (pid: number): Promise<boolean> =>
  /\) T /.test(await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => ''));
