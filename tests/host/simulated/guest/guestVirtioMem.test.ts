import { describe, expect, test } from '@jest/globals';
import { parseDomain } from '../../../../src/domain-xml/parse.ts';
import type { HypervisorError } from '../../../../src/host/hypervisor.ts';
import { KiB } from '../../../../src/common/units.ts';
import { bootGuest, dimmXml, domainXml, GIB, MIB, openHost, virtioMemXml } from '../support.ts';

const ALIAS = 'virtiomem0';

/** A booted guest with 1 GiB of virtio-mem, of which nothing is requested yet. */
async function bootVirtioMem(cmdline = '', options: Parameters<typeof virtioMemXml>[0] = {}) {
  const guest = await bootGuest({ cmdline });
  const { host, uuid, events, seconds } = guest;
  await host.attachDevice(uuid, virtioMemXml(options));
  await seconds(0);
  events.length = 0;
  return {
    ...guest,
    request: (size: number, alias = ALIAS) => host.requestDeviceMemory(uuid, alias, KiB(size)),
    shown: async () => parseDomain(await host.domainXml(uuid)),
    inUse: async () => {
      const { memoryDevices } = parseDomain(await host.domainXml(uuid));
      return memoryDevices.find(({ alias }) => alias === ALIAS)?.virtioMem?.current;
    },
    sizesTold: () =>
      events.flatMap((event) => (event.kind === 'memory-device-size-change' ? [event.size] : [])),
  };
}

describe('a virtio-mem device', () => {
  test('is plugged with none of it in use', async () => {
    const { shown, sample, sizesTold, seconds } = await bootVirtioMem();
    await seconds(10);
    expect(await shown()).toMatchObject({
      memory: 2 * GIB,
      currentMemory: GIB,
      memoryDevices: [
        {
          model: 'virtio-mem',
          alias: ALIAS,
          size: GIB,
          virtioMem: { block: 2 * MIB, requested: 0, current: 0 },
        },
      ],
    });
    expect(await sample()).toMatchObject({ current: GIB, maximum: GIB });
    expect(sizesTold()).toEqual([]);
  });

  test('grows at a rate, in whole blocks, with events on the way', async () => {
    const { host, uuid, request, shown, sample, inUse, events, seconds } = await bootVirtioMem();
    const before = await sample();
    await request(300 * MIB);
    expect(await shown()).toMatchObject({
      currentMemory: GIB,
      memoryDevices: [{ virtioMem: { requested: 300 * MIB, current: 0 } }],
    });
    await seconds(1);
    expect(await inUse()).toBe(256 * MIB);
    await seconds(3);
    expect(await shown()).toMatchObject({ memory: 2 * GIB, currentMemory: GIB + 300 * MIB });
    expect(events).toEqual(
      [64, 128, 192, 256, 300].map((size) => ({
        kind: 'memory-device-size-change',
        uuid,
        alias: ALIAS,
        size: size * MIB,
      })),
    );
    const after = await sample();
    expect(after).toMatchObject({ current: GIB, maximum: GIB });
    expect((after.available ?? 0) - (before.available ?? 0)).toBe(300 * MIB);
    await host.setBalloon(uuid, KiB(GIB - 256 * MIB));
    await seconds(5);
    expect(await shown()).toMatchObject({ currentMemory: GIB + 44 * MIB });
  });

  test('shrinks the same way', async () => {
    const { request, inUse, sizesTold, seconds, sample } = await bootVirtioMem('', {
      requested: 512 * MIB,
    });
    await seconds(5);
    const large = await sample();
    await request(64 * MIB);
    await seconds(1);
    expect(await inUse()).toBe(256 * MIB);
    await seconds(4);
    expect(await inUse()).toBe(64 * MIB);
    expect(sizesTold().at(-1)).toBe(64 * MIB);
    const small = await sample();
    expect((large.available ?? 0) - (small.available ?? 0)).toBe(448 * MIB);
  });

  test('turns round on another request', async () => {
    const { request, inUse, sizesTold, seconds } = await bootVirtioMem();
    await request(GIB);
    await seconds(1);
    await request(128 * MIB);
    await seconds(5);
    expect(await inUse()).toBe(128 * MIB);
    expect(Math.max(...sizesTold())).toBe(256 * MIB);
  });

  test('moves one block at a time if that is more than the rate allows', async () => {
    const { request, sizesTold, seconds } = await bootVirtioMem('', { block: 512 * MIB });
    await request(GIB);
    await seconds(3);
    expect(sizesTold()).toEqual([512 * MIB]);
    await seconds(1);
    expect(sizesTold()).toEqual([512 * MIB, GIB]);
  });

  test('moves slowly in a slow guest', async () => {
    const { request, inUse, seconds } = await bootVirtioMem('vmemd.sim=slow-virtio-mem');
    await request(64 * MIB);
    await seconds(2);
    expect(await inUse()).toBe(32 * MIB);
    await seconds(2);
    expect(await inUse()).toBe(64 * MIB);
  });

  test('present from the start grows as soon as the guest has booted', async () => {
    const { host, seconds } = await openHost();
    const xml = domainXml({
      memory: 2 * GIB,
      current: GIB,
      devices: virtioMemXml({ requested: 256 * MIB }),
    });
    const { uuid } = await host.createDomain(xml, { paused: false });
    const current = async () => parseDomain(await host.domainXml(uuid)).currentMemory;
    await seconds(2.9);
    expect(await current()).toBe(GIB);
    await seconds(2);
    expect(await current()).toBe(GIB + 256 * MIB);
    expect((await host.sampleAll()).get(uuid)).toMatchObject({ current: GIB, maximum: GIB });
  });

  test.each([
    ['has no driver', 'no-driver'],
    ['takes no plugged memory into use', 'no-online'],
  ])('does not move in a guest that %s', async (_, word) => {
    const { request, inUse, shown, seconds } = await bootVirtioMem(`vmemd.sim=${word}`);
    await request(256 * MIB);
    await seconds(60);
    expect(await inUse()).toBe(0);
    expect((await shown()).memoryDevices).toMatchObject([{ virtioMem: { requested: 256 * MIB } }]);
  });

  test.each(['refuses', 'ignores'] as const)(
    'stays in use in a guest that %s, until that changes',
    async (unplug) => {
      const { host, uuid, request, inUse, seconds } = await bootVirtioMem(
        `vmemd.sim=${unplug}-unplug`,
      );
      await request(512 * MIB);
      await seconds(5);
      await request(0);
      await seconds(60);
      expect(await inUse()).toBe(512 * MIB);
      host.guest(uuid).setBehaviour({ unplug: 'gives-back' });
      await seconds(5);
      expect(await inUse()).toBe(0);
    },
  );

  test('shrinks only as far as the guest can spare memory, and further when it can', async () => {
    const { host, uuid, request, inUse, sizesTold, seconds } =
      await bootVirtioMem('vmemd.sim=no-swap');
    await request(GIB);
    await seconds(5);
    host.guest(uuid).setWorkingSet(KiB(1500 * MIB));
    await request(0);
    await seconds(30);
    const kept = (await inUse()) ?? NaN;
    expect(kept).toBeGreaterThan(500 * MIB);
    expect(kept).toBeLessThan(600 * MIB);
    expect(kept % (2 * MIB)).toBe(0);
    expect(sizesTold().at(-1)).toBe(kept);
    host.guest(uuid).setWorkingSet(KiB(300 * MIB));
    await seconds(30);
    expect(await inUse()).toBe(0);
  });

  test('shrinks when the balloon returns memory', async () => {
    const { host, uuid, request, inUse, seconds } = await bootVirtioMem('vmemd.sim=no-swap');
    await request(GIB);
    await seconds(5);
    host.guest(uuid).setWorkingSet(KiB(800 * MIB));
    await host.setBalloon(uuid, KiB(100 * MIB));
    await seconds(10);
    await request(0);
    await seconds(30);
    expect(await inUse()).toBeGreaterThan(700 * MIB);
    await host.setBalloon(uuid, KiB(GIB));
    await seconds(30);
    expect(await inUse()).toBe(0);
  });

  test('does not move while the guest is paused', async () => {
    const { host, uuid, request, inUse, sizesTold, seconds } = await bootVirtioMem();
    await host.suspendDomain(uuid);
    await request(128 * MIB);
    await seconds(30);
    expect(await inUse()).toBe(0);
    await host.resumeDomain(uuid);
    await seconds(1);
    expect(await inUse()).toBe(128 * MIB);
    expect(sizesTold()).toEqual([64 * MIB, 128 * MIB]);
  });

  test('is unused after a reset, and then grows again', async () => {
    const { host, uuid, request, inUse, sizesTold, seconds } = await bootVirtioMem();
    await request(128 * MIB);
    await seconds(5);
    await host.resetDomain(uuid);
    expect(await inUse()).toBe(0);
    await seconds(3.2);
    expect(sizesTold()).toEqual([64 * MIB, 128 * MIB, 0]);
    await seconds(2);
    expect(sizesTold().slice(3)).toEqual([64 * MIB, 128 * MIB]);
  });

  test('sets no timer for a request that its guest ignores', async () => {
    const { host, uuid, request, clock, seconds } = await bootVirtioMem('vmemd.sim=ignores-unplug');
    await request(128 * MIB);
    await seconds(5);
    await request(0);
    let timers = 0;
    clock.after = () => {
      timers++;
      return () => undefined;
    };
    await seconds(3600);
    await host.domainXml(uuid);
    expect(timers).toBe(0);
  });
});

describe('a request for virtio-mem', () => {
  test.each<[string, { alias?: string; size?: number }, Partial<HypervisorError>]>([
    ['of an unknown device', { alias: 'virtiomem9' }, { kind: 'refused', message: 'not found' }],
    ['of a DIMM', { alias: 'dimm0' }, { kind: 'unsupported', message: "of model 'dimm'" }],
    ['of more than there is', { size: 2 * GIB }, { kind: 'invalid', message: 'than or equal' }],
    ['of part of a block', { size: 3 * MIB }, { kind: 'invalid', message: 'multiple of block' }],
    ['below nothing', { size: -2 * MIB }, { kind: 'invalid', message: 'multiple of block' }],
  ])('%s is refused', async (_, { alias = ALIAS, size = 0 }, { kind, message }) => {
    const { host, uuid, request, inUse, seconds } = await bootVirtioMem();
    await host.attachDevice(uuid, dimmXml(128 * MIB));
    await expect(request(size, alias)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message ?? ''),
    });
    await seconds(5);
    expect(await inUse()).toBe(0);
  });

  test('is refused for a domain that does not run', async () => {
    const { host, uuid, request } = await bootVirtioMem();
    await host.destroyDomain(uuid, { graceful: true });
    await expect(request(0)).rejects.toMatchObject({ kind: 'refused' });
  });

  test('does not change the range of balloon targets, which counts all memory but moves the balloon only', async () => {
    const { host, uuid, request, sample, shown, seconds } = await bootVirtioMem();
    await request(512 * MIB);
    await host.setBalloon(uuid, KiB(GIB + 512 * MIB));
    await seconds(5);
    expect(await sample()).toMatchObject({ current: GIB });
    expect(await shown()).toMatchObject({ currentMemory: GIB + 512 * MIB });
    await expect(host.setBalloon(uuid, KiB(2 * GIB + 4))).rejects.toThrow('higher than max memory');
  });
});

test('virtio-mem cannot be unplugged, as under QEMU 7.2', async () => {
  const { host, uuid, shown } = await bootVirtioMem();
  await expect(host.detachDevice(uuid, ALIAS)).rejects.toMatchObject({
    kind: 'unsupported',
    message: expect.stringContaining('virtio based memory devices cannot be unplugged'),
  });
  expect((await shown()).memoryDevices).toHaveLength(1);
});
