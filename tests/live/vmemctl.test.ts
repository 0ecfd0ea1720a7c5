import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from '@jest/globals';
import { prerequisite } from '../support/needs.ts';
import { type Ran, vmemctl } from '../vmemctl/vmemctl.ts';
import { atEnd } from './cleanup.ts';
import { eventually } from './guest.ts';
import { hosts } from './hosts.ts';
import { Vmemd } from './vmemd.ts';

const MIB = 1024;

interface Glance {
  readonly name: string;
  readonly used_kib?: number;
  readonly current_kib?: number;
  readonly guaranteed_kib?: number;
}

for (const { name, suite, uri, real } of hosts) {
  suite(`vmemctl on ${name} with two guests`, () => {
    let vmemd: Vmemd;
    const [one, other] = ['one', 'other'].map((word) => `ctl-${word}-${String(process.pid)}`) as [
      string,
      string,
    ];
    const later = atEnd();

    const run = (...argv: string[]): Promise<Ran> => vmemctl(['-a', vmemd.url, ...argv]);

    /** Runs a command that has to succeed; returns what it printed. */
    async function done(...argv: string[]): Promise<string> {
      const { exit, stdout, stderr } = await run(...argv);
      expect({ argv, exit, stderr }).toEqual({ argv, exit: 0, stderr: expect.anything() });
      return stdout;
    }

    const glance = async (vm: string): Promise<Glance | undefined> => {
      const vms = JSON.parse(await done('list', '--json')) as { vms?: Glance[] } | Glance[];
      return (Array.isArray(vms) ? vms : (vms.vms ?? [])).find((each) => each.name === vm);
    };

    beforeAll(async () => {
      vmemd = await Vmemd.start(uri);
      later(async () => expect(await vmemd.end()).toBe(0));
      const image = resolve('/', prerequisite('VMEMD_TEST_GUEST'));
      const boot = ['--kernel', join(image, 'vmlinuz'), '--initrd', join(image, 'initramfs.gz')];
      const sizes = ['--memory', '512M', '--max', '2G', '--guaranteed', '256M', '--type', 'qemu'];
      const args = ['--args', 'console=ttyS0 quiet movable_node'];
      await Promise.all(
        [one, other].map((vm) => done('create', vm, ...sizes, ...boot, ...args, '--wait')),
      );
      later(() => Promise.all([one, other].map((vm) => run('destroy', vm, '--yes'))));
      for (const vm of [one, other]) {
        await eventually(
          () => glance(vm),
          (seen) => seen?.used_kib !== undefined,
        );
      }
    });

    it('shows both at a glance and in a list', async () => {
      for (const text of [await done(), await done('list')]) {
        expect(text).toMatch(new RegExp(`^${one} .* 512 MiB`, 'm'));
        expect(text).toMatch(new RegExp(`^${other} .* 512 MiB`, 'm'));
      }
      expect(await done('show', one)).toMatch(/^ {2}guaranteed +256 MiB/m);
    });

    it('moves a balloon, which an event and virsh report too', async () => {
      const event = run('events', one, '--kind', 'memory', '--count', '1', '--json');
      expect(await done('balloon', one, '400M', '--wait')).toContain('400 MiB');
      expect((await glance(one))?.current_kib).toBe(400 * MIB);
      const { stdout: line } = await event;
      expect(JSON.parse(line)).toMatchObject({ kind: 'VM_memory', vm_name: one });
      if (!real) return;
      const { stdout } = await promisify(execFile)('virsh', ['-c', uri, 'dommemstat', one]);
      expect(stdout).toMatch(new RegExp(`^actual ${String(400 * MIB)}$`, 'm'));
    });

    it('grows a guest by a device that the guest then uses, and shrinks it again', async () => {
      await done('set', other, '--memory', '768M', '--by', 'devices', '--wait');
      expect(await done('devices', other)).toMatch(/dimm +256 MiB .* guest-online/);
      await done('set', other, '--memory', '512M', '--by', 'devices', '--wait');
      expect(await done('devices', other)).not.toContain('dimm');
      expect(await done('jobs', other)).toContain('removed');
    });

    it('sets a guarantee, and calls methods by their names', async () => {
      await done('guarantee', one, '300M');
      expect((await glance(one))?.guaranteed_kib).toBe(300 * MIB);
      const balloon = await done('VM', 'getBalloonInfo', `vmID=${one}`);
      expect(JSON.parse(balloon)).toMatchObject({ balloon_min: String(300 * MIB) });
      expect(await done('call', 'Host.ping2')).toBe('true\n');
    });

    it('offers the balloon for boot memory, and takes it by that', async () => {
      const { exit, stderr } = await run('set', other, '--memory', '450M');
      expect([exit, stderr]).toEqual([1, expect.stringContaining(`vmemctl balloon ${other} 450M`)]);
      await done('set', other, '--memory', '450M', '--yes', '--wait');
      await done('set', other, '--memory', '512M', '--wait');
      expect((await glance(other))?.current_kib).toBe(512 * MIB);
    });

    it('tells how memory is used, shared out and reserved', async () => {
      expect(await done('stats', one, '--count', '2', '--interval', '1')).toMatch(
        /^TIME .*\n.* MiB/,
      );
      expect(await done('policy', '--explain')).toContain(`${other} keeps 512 MiB`);
      expect(await done('reserve', '64M', '--for', one)).toMatch(/^reserved 64 MiB/);
      expect(await done('release', one)).toBe(`${one}: 64 MiB released\n`);
    });

    it('finds nothing wrong with the guests', async () => {
      const { stdout } = await run('doctor');
      for (const vm of [one, other]) {
        expect(stdout).toMatch(
          new RegExp(`^ok +${vm.slice(0, 20)}.*balloon and its driver work`, 'm'),
        );
      }
    });

    it('refuses a name that may be either guest, and one that is none', async () => {
      expect(await run('show', 'ctl-o')).toMatchObject({ exit: 2, stdout: '' });
      expect(await run('show', 'ctl-x')).toMatchObject({ exit: 1, stdout: '' });
    });
  });
}
