import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Hypervisor } from '../../src/host/hypervisor.ts';
import { createLibvirtHost } from '../../src/host/libvirt/libvirtHost.ts';
import { KiB, Milliseconds } from '../../src/common/units.ts';
import { needs, prerequisite } from '../support/needs.ts';

const given = prerequisite('VMEMD_TEST_LIBVIRT');
const socket = given.includes('?') ? given.slice(given.indexOf('?')) : '';
const MEMORY = KiB(65_536);
/** The timeout of calls that get no reply. */
const HUNG = { timeout: Milliseconds(10_000) };
/** The timeout of calls that get a reply, on a busy machine too. */
const HEALTHY = { timeout: Milliseconds(120_000) };

/** Without a disk its firmware stands still; one that reboots each second uses CPU time as a guest that works does. */
const xml = (uuid: string, bios = '') =>
  `<domain type='qemu'><name>hung-${uuid}</name><uuid>${uuid}</uuid>
   <memory unit='KiB'>${MEMORY}</memory>
   <os><type arch='x86_64' machine='q35'>hvm</type>${bios}</os><features><acpi/></features>
   <devices><memballoon model='virtio'/></devices></domain>`;

/** Sends a signal to a guest's QEMU, if it has one. */
const signal = (uuid: string, name: 'STOP' | 'KILL') =>
  spawnSync('pkill', [`-${name}`, '-f', `^/usr/bin/qemu-system.*-uuid ${uuid}`]);

/** Stops a QEMU, so that its monitor no longer responds. */
function hang(uuid: string): void {
  expect(signal(uuid, 'STOP').status).toBe(0);
}

needs('VMEMD_TEST_LIBVIRT')('guests that hang', () => {
  const uuids = Array.from({ length: 22 }, () => randomUUID());
  const [healthy, newcomer, ...others] = uuids as [string, string, ...string[]];
  let host: Hypervisor;
  const failure = (call: Promise<unknown>) =>
    call.then(
      () => ({ kind: 'done', message: '' }),
      (error: unknown) => error as { kind: string; message: string },
    );
  /** Sends a target to each of these guests at a time, as MoM does after each round. */
  const refusals = (guests: readonly string[]) =>
    Promise.all(guests.map((uuid) => failure(host.setBalloon(uuid, KiB(50_000), HUNG))));
  const serves = async (target: number): Promise<void> => {
    await host.setBalloon(healthy, KiB(target), HEALTHY);
    const samples = await host.sampleAll(HUNG);
    expect(samples.get(healthy)).toMatchObject({ maximum: MEMORY, lastUpdate: expect.any(Number) });
  };

  beforeAll(async () => {
    host = createLibvirtHost({ uri: `qemu:///system${socket}` });
    await host.open();
    await host.createDomain(xml(healthy, "<bios rebootTimeout='1000'/>"), { paused: false });
    for (const uuid of others) await host.createDomain(xml(uuid), { paused: false });
  });

  afterAll(async () => {
    const clear = async (uuid: string): Promise<void> => {
      // libvirt would wait for each that hangs
      signal(uuid, 'KILL');
      await host.destroyDomain(uuid, { graceful: false }).catch(() => undefined);
      await host.undefineDomain(uuid).catch(() => undefined);
    };
    await Promise.all(uuids.map(clear));
    await host.close();
  });

  it('leave a place to one that runs, whether five or twenty hang', async () => {
    let hung = 0;
    let target = 60_000;
    for (const count of [5, 20]) {
      for (const uuid of others.slice(hung, count)) hang(uuid);
      hung = count;
      const guests = others.slice(0, count);
      await serves((target -= 1000));
      const failures = await refusals(guests);
      expect(failures.map(({ kind }) => kind)).not.toContain('done');
      await serves((target -= 1000));
      const refused = failures.filter(({ kind }) => kind === 'refused');
      for (const { message } of refused) expect(message).toContain(`hung-${others[0] ?? ''}`);
      expect(host.hungDomains.size).toBeGreaterThanOrEqual(3);
      expect([...host.hungDomains].filter((uuid) => !guests.includes(uuid))).toEqual([]);
    }
  });

  it('are destroyed one by one, which lets new VMs start', async () => {
    for (const uuid of host.hungDomains) {
      await host.destroyDomain(uuid, { graceful: true }, HEALTHY);
    }
    const created = await host.createDomain(xml(newcomer), { paused: false });
    expect(created.state).toBe('running');
    await serves(50_000);
  });
});
