import { execFileSync } from 'node:child_process';
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

const xml = (uuid: string) =>
  `<domain type='qemu'><name>hung-${uuid}</name><uuid>${uuid}</uuid>
   <memory unit='KiB'>${MEMORY}</memory>
   <os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
   <devices><memballoon model='virtio'/></devices></domain>`;

/** Stops a QEMU, so that its monitor no longer responds. */
function hang(uuid: string): void {
  const [pid] = execFileSync('pgrep', ['-f', `^/usr/bin/qemu-system.*-uuid ${uuid}`])
    .toString()
    .split('\n');
  process.kill(Number(pid), 'SIGSTOP');
}

needs('VMEMD_TEST_LIBVIRT')('guests that hang', () => {
  const uuids = Array.from({ length: 6 }, () => randomUUID());
  const [healthy, newcomer, ...hung] = uuids as [string, string, ...string[]];
  let host: Hypervisor;
  const refusal = (call: Promise<unknown>) =>
    call.then(
      () => 'done',
      (error: unknown) => (error as { kind?: string }).kind,
    );

  beforeAll(async () => {
    host = createLibvirtHost({ uri: `qemu:///system${socket}` });
    await host.open();
    for (const uuid of [healthy, ...hung]) await host.createDomain(xml(uuid), { paused: false });
  });

  afterAll(async () => {
    const clear = async (uuid: string): Promise<void> => {
      await host.destroyDomain(uuid, { graceful: false }).catch(() => undefined);
      await host.undefineDomain(uuid).catch(() => undefined);
    };
    await Promise.all(uuids.map(clear));
    await host.close();
  });

  it('delay only their own callers, until they hold every place; a destroy frees one', async () => {
    for (const uuid of hung) hang(uuid);
    const samples = await host.sampleAll(HUNG);
    expect(samples.get(healthy)).toMatchObject({ maximum: MEMORY });
    // statistics leave out two; of the others they have libvirt's own values
    const [third = '', fourth = '', ...more] = hung.filter((uuid) => samples.has(uuid));
    expect(more).toEqual([]);
    expect(await refusal(host.setBalloon(third, KiB(50_000), HUNG))).toBe('timed-out');
    await host.setBalloon(healthy, KiB(60_000), HEALTHY);
    const created = await host.createDomain(xml(newcomer), { paused: false });
    expect(created.state).toBe('running');
    expect(await refusal(host.setBalloon(fourth, KiB(50_000), HUNG))).toBe('timed-out');
    expect(await refusal(host.setBalloon(healthy, KiB(55_000), HEALTHY))).toBe('refused');
    await host.destroyDomain(fourth, { graceful: true }, HEALTHY);
    await host.setBalloon(healthy, KiB(55_000), HEALTHY);
  });
});
