import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from '@jest/globals';
import { WsClient } from '../support/wsClient.ts';
import { atEnd } from './cleanup.ts';
import { BALLOON, eventually, Guest } from './guest.ts';
import { hosts } from './hosts.ts';
import { Vmemd } from './vmemd.ts';

const run = promisify(execFile);

/**
 * Short timeouts for guests that do not complete a request. Real guests that do have longer ones, since they take
 * seconds on a busy machine; libvirt itself waits 5 s for a guest before an unplug returns.
 */
const waits = (real: boolean): string => `[hotplug]
unplug_timeout = ${real ? '20' : '5'}
unplug_attempts = 2
online_timeout = ${real ? '15' : '2'}
`;

const MIB = 1024 * 1024;
const VIRTIO_MEM = {
  type: 'memory',
  device: 'memory',
  model: 'virtio-mem',
  specParams: { size: 512, block: 2, requested: 0 },
};

for (const { name, suite, uri, real } of hosts) {
  suite(`changes of a guest's memory on ${name}`, () => {
    let vmemd: Vmemd;
    let client: WsClient;
    let willing: Guest;
    let unwilling: Guest;
    let idle: Guest;
    let virtioMem: Guest;
    const later = atEnd();

    const onReal = (claim: string, test: () => Promise<void>): void => {
      if (real) it(claim, test);
    };

    const removals = (alias: string): number =>
      client.notifications.filter(({ params }) => {
        const news = params[idle.id] as { event?: string; alias?: string } | undefined;
        return news?.event === 'device-removed' && news.alias === alias;
      }).length;

    // They boot in parallel, and are used by all tests.
    beforeAll(async () => {
      vmemd = await Vmemd.start(uri, waits(real));
      later(async () => expect(await vmemd.end()).toBe(0));
      client = await WsClient.connect(vmemd.url);
      later(() => client.close());
      await client.call('Events.subscribe', { events: ['|virt|*|*'] });
      const guests = [
        (willing = await Guest.create(client)),
        (idle = await Guest.create(client, 'idle', { maxMemSlots: 1 })),
        (unwilling = await Guest.create(client, 'unwilling')),
        (virtioMem = await Guest.create(client, 'willing', { devices: [BALLOON, VIRTIO_MEM] })),
      ];
      later(() => Promise.all(guests.map((guest) => guest.dispose())));
      await Promise.all(guests.map((guest) => guest.booted()));
      // The wait for this guest runs while others are tested.
      await idle.plug(128);
      await unwilling.plug(128);
    });

    it('grows to a size by devices that the guest uses, and so does its next run', async () => {
      const before = await willing.memTotal();
      for (const memory of [768, 1024, 1152, 1280]) {
        expect(await willing.setMemory(memory)).toMatchObject({
          memory_mib: memory,
          expected_mib: memory,
          next_run: 'updated',
          warnings: [],
        });
      }
      await willing.devicesBecome('guest-online', 'guest-online', 'guest-online', 'guest-online');
      expect(await willing.memoryDevices()).toMatchObject(
        [256, 256, 128, 128].map((size_mib, slot) => ({ model: 'dimm', size_mib, slot, node: 0 })),
      );
      expect(await willing.job()).toMatchObject({ state: 'done', changes: [{ state: 'online' }] });
      await willing.memTotalReaches(before + 768 * 1024);
      if (real) expect(await nextRun(willing)).toMatchObject({ memory: 1280 });
    });

    it('gives advice if the guest does not use a plugged device', async () => {
      const [alias = ''] = await idle.devices();
      expect(await idle.jobBecomes('failed')).toMatchObject({
        action: 'plug',
        changes: [
          { alias, state: 'not-online', message: expect.stringContaining('online_movable') },
        ],
      });
      expect(await idle.memoryDevices()).toMatchObject([{ alias, state: 'not-online' }]);
    });

    it('accepts devices up to its last slot, and refuses the next one with that reason', async () => {
      const devices = await idle.memoryDevices();
      expect(devices).toHaveLength(1);
      const full = { code: 70, message: expect.stringContaining('all 1 memory slots are in use') };
      await expect(idle.plug(128, 300)).rejects.toMatchObject(full);
      await expect(idle.setMemory(1024)).rejects.toMatchObject(full);
      expect(await idle.memoryDevices()).toEqual(devices);
      expect(await idle.balloon()).toMatchObject({ balloon_min: String(256 * 1024) });
    });

    it('keeps its guarantee while an unplug has no outcome', async () => {
      await idle.call('VM.pause');
      const { job, guaranteed_mib } = await idle.setMemory(512, { guaranteed: 200 });
      expect(job).toMatchObject({ state: 'running', changes: [{ action: 'unplug' }] });
      expect(guaranteed_mib).toBe(256);
      await idle.devicesBecome('unplugging');
    });

    // That guest's timeout passes while the others are tested.

    it('shrinks to a size by REST, as little above it as devices allow, and sets the guarantee when they are removed', async () => {
      const total = await willing.memTotal();
      const vm = `${vmemd.httpUrl}/ovirt-engine/api/vms/${willing.id}`;
      const put = await fetch(vm, {
        method: 'PUT',
        headers: { 'content-type': 'application/xml', 'correlation-id': 'shrink' },
        body: `<vm><memory>${String(888 * MIB)}</memory>
          <memory_policy><guaranteed>${String(225 * MIB)}</guaranteed></memory_policy></vm>`,
      });
      expect(put.status).toBe(200);
      const told = await put.text();
      // the guest may have released a device by then, or both
      const isKept = told.includes(`<memory>${String(1280 * MIB)}</memory>`);
      const guaranteed = (isKept ? 256 : 225) * MIB;
      expect(told).toContain(`<guaranteed>${String(guaranteed)}</guaranteed>`);
      const job = new URL(put.headers.get('location') ?? '', vm);
      const ended = await eventually(
        () => read(job),
        (xml) => !xml.includes('<status>started</status>'),
      );
      expect(ended).toContain('<status>finished</status>');
      expect(ended).toContain('<correlation_id>shrink</correlation_id>');
      expect(ended.match(/<state>removed<\/state>/g)).toHaveLength(2);
      const now = await read(vm);
      expect(now).toContain(`<memory>${String(896 * MIB)}</memory>`);
      expect(now).toContain(`<guaranteed>${String(225 * MIB)}</guaranteed>`);
      expect(await willing.memoryDevices()).toMatchObject([{ size_mib: 256 }, { size_mib: 128 }]);
      await willing.memTotalReaches(total - 384 * 1024);
      if (real) expect(await nextRun(willing)).toEqual({ memory: 888, guaranteed: 225 });
    });

    it('keeps the size of its balloon when devices are plugged and unplugged', async () => {
      const held = 100;
      const holds = async (memory: number): Promise<void> => {
        await willing.balloonReaches((memory - held) * 1024);
        expect(await willing.balloon()).toMatchObject({
          balloon_max: String(memory * 1024),
          balloon_target: String((memory - held) * 1024),
        });
      };
      await willing.setTarget((896 - held) * 1024);
      await holds(896);
      await willing.setMemory(1024);
      await holds(1024);
      const { warnings } = await willing.setMemory(896, { wait: true });
      expect(warnings).toEqual([expect.stringContaining('100 MiB')]);
      await holds(896);
      await willing.setTarget(896 * 1024);
      await willing.balloonReaches(896 * 1024);
    });

    it('releases one device, and lowers its guarantee when it is removed', async () => {
      const [first, alias = ''] = await willing.devices();
      expect(await willing.unplug(alias, 150)).toBe(true);
      expect(await willing.jobBecomes('done')).toMatchObject({
        action: 'unplug',
        guaranteed_mib: 150,
        changes: [{ alias, state: 'removed', attempts: 1 }],
      });
      expect(await willing.devices()).toEqual([first]);
      expect(await willing.balloon()).toMatchObject({ balloon_min: String(150 * 1024) });
    });

    it('reports that the guest kept a device, and keeps its guarantee', async () => {
      if (real) {
        await eventually(
          () => unwilling.console(),
          (text) => text.includes('holding'),
        );
      }
      const [alias = ''] = await unwilling.devices();
      await unwilling.devicesBecome('guest-online');
      await expect(unwilling.unplug(alias, 150)).rejects.toMatchObject({
        code: 85,
        message: expect.stringContaining('rejected by the guest'),
      });
      await unwilling.notified('memory', { event: 'device-removal-failed', alias });
      expect(await unwilling.job()).toMatchObject({
        state: 'failed',
        changes: [{ alias, state: 'refused' }],
      });
      await unwilling.devicesBecome('refused');
      await expect(unwilling.setMemory(512, { guaranteed: 150, wait: true })).rejects.toMatchObject(
        { code: 85, message: expect.stringContaining('640 MiB') },
      );
      expect(await unwilling.balloon()).toMatchObject({
        balloon_min: String(256 * 1024),
        balloon_max: String(640 * 1024),
      });
    });

    onReal('says which part of what was asked for the guest gave back', async () => {
      await unwilling.plug(128);
      const shrunk = await unwilling.setMemory(512, { guaranteed: 150, wait: true });
      expect(shrunk).toMatchObject({
        memory_mib: 640,
        guaranteed_mib: 150,
        job: { state: 'partial', changes: [{ state: 'removed' }, { state: 'refused' }] },
      });
    });

    it('grows and shrinks by blocks of virtio-mem before devices', async () => {
      const before = await virtioMem.memTotal();
      const grown = await virtioMem.setMemory(768, { wait: true });
      expect(grown).toMatchObject({
        memory_mib: 768,
        plan: [{ action: 'resize', from_mib: 0, size_mib: 256 }],
        job: { state: 'done', changes: [{ state: 'reached' }] },
      });
      expect(await virtioMem.memoryDevices()).toMatchObject([
        {
          model: 'virtio-mem',
          size_mib: 512,
          block_mib: 2,
          requested_mib: 256,
          current_mib: 256,
          state: 'guest-online',
        },
      ]);
      await virtioMem.memTotalReaches(before + 256 * 1024);
      await virtioMem.plug(128);
      const shrunk = await virtioMem.setMemory(704, { wait: true });
      expect(shrunk).toMatchObject({ memory_mib: 704, job: { state: 'done' } });
      expect(await virtioMem.memoryDevices()).toMatchObject([
        { model: 'virtio-mem', requested_mib: 64, current_mib: 64 },
        { model: 'dimm', size_mib: 128 },
      ]);
      await virtioMem.memTotalReaches(before + 192 * 1024);
      if (real) {
        await eventually(
          () => virtioMem.consoleMemTotal(),
          (kib) => Math.abs(kib - before - 192 * 1024) < 1024,
        );
      }
    });

    it('reports that an unplug timed out, and a device that is removed late', async () => {
      const [alias = ''] = await idle.devices();
      expect(await idle.jobBecomes('failed')).toMatchObject({
        changes: [
          { state: 'timed-out', attempts: 2, message: expect.stringContaining('the VM is paused') },
        ],
      });
      expect(await idle.balloon()).toMatchObject({ balloon_min: String(256 * 1024) });
      await idle.call('VM.cont');
      expect(await idle.jobBecomes('done')).toMatchObject({
        changes: [{ action: 'unplug', alias, state: 'removed-late' }],
      });
      expect(await idle.balloon()).toMatchObject({
        balloon_min: String(200 * 1024),
        balloon_max: String(512 * 1024),
      });
      expect(await idle.devices()).toEqual([]);
      expect(removals(alias)).toBe(1);
    });

    /** The memory and the guarantee of the guest's next run, in MiB. */
    async function nextRun(guest: Guest) {
      const { stdout } = await run('virsh', ['--connect', uri, 'dumpxml', '--inactive', guest.id]);
      const number = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1]);
      return {
        memory: number(/<memory unit='KiB'>(\d+)</) / 1024,
        guaranteed: number(/memGuaranteedSize\b[^>]*>(\d+)</i),
      };
    }
  });
}

const read = async (url: string | URL): Promise<string> => (await fetch(url)).text();
