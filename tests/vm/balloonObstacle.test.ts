import { describe, expect, test } from '@jest/globals';
import { KiB } from '../../src/common/units.ts';
import { readAsMom } from '../support/momReader.ts';
import { targetsOfMom } from '../support/momPolicy.ts';
import { idOf, World } from '../support/world.ts';
import type { WorldOptions } from '../support/worldOptions.ts';

/** A domain of 384 MiB that another program created; `more` is the inside of its XML. */
const foreign = (more = '') =>
  `<domain type='kvm'><name>theirs</name><uuid>${idOf(1)}</uuid>${more}<memory unit='MiB'>384</memory>
  <devices><memballoon model='virtio'><stats period='5'/></memballoon></devices></domain>`;

async function open(more = '', options: WorldOptions = {}) {
  const world = await World.open(options);
  await world.host.createDomain(foreign(more), { paused: false });
  await world.boot(2);
  await world.sampled();
  return world;
}

const NOT_OFFERED = {
  ballooning_enabled: false,
  ballooning_disabled_because: expect.stringMatching(
    /another program created .*VM\.setGuaranteedMemory/,
  ),
};

/** The targets that MoM would send in a round on a host with this share of its memory free. */
async function targets(world: World, free = 0.01) {
  const answer = await world.call('Host.getAllVmStats');
  return targetsOfMom(readAsMom(answer).values(), free);
}

describe('a VM that another program created without a guarantee', () => {
  test('is not offered for ballooning, and tells why', async () => {
    const world = await open();
    expect(await world.balloon(idOf(1))).toMatchObject({ ...NOT_OFFERED, balloon_cur: '393216' });
    const stats = await world.stats(idOf(1));
    expect(stats).not.toHaveProperty('balloonInfo');
    expect(stats).not.toHaveProperty('vcpuCount');
    expect(stats).toMatchObject({ status: 'Up', memUsage: expect.stringMatching(/^[1-9]/) });
    expect(stats).toHaveProperty('memoryStats.mem_total');
  });

  test('has no guarantee of 0, but none', async () => {
    const world = await open();
    const [balloon, usage] = [
      await world.balloon(idOf(1)),
      await world.call('VM.getMemoryUsage', { vmID: idOf(1) }),
    ];
    for (const told of [balloon, usage]) expect(told).not.toHaveProperty('guaranteed_kib');
  });

  test('gets no target from MoM, while others do', async () => {
    const world = await open();
    const sent = await targets(world);
    expect([...sent.keys()]).toEqual(['vm2']);
  });

  test.each([
    ['a target', 'VM.setBalloonTarget', { target: 300_000 }, '131072'],
    ['a guarantee', 'VM.setGuaranteedMemory', { guaranteed: 200 }, '204800'],
  ])('is offered once a client sets %s, also after a restart', async (_, verb, params, least) => {
    const world = await open();
    await world.call(verb, { vmID: idOf(1), ...params });
    for (const restarts of [0, 1]) {
      if (restarts > 0) await world.restart();
      await world.sampled();
      const balloon = await world.balloon(idOf(1));
      expect(balloon).toMatchObject({ ballooning_enabled: true, balloon_min: least });
      expect(balloon).not.toHaveProperty('ballooning_disabled_because');
      expect([...(await targets(world)).keys()].sort()).toEqual(['theirs', 'vm2']);
    }
  });

  test.each([
    ['of libvirt', "<memtune><min_guarantee unit='KiB'>200000</min_guarantee></memtune>", '200000'],
    [
      "in oVirt's metadata",
      "<metadata><o:vm xmlns:o='http://ovirt.org/vm/1.0'><o:minGuaranteedMemoryMb>200</o:minGuaranteedMemoryMb></o:vm></metadata>",
      '204800',
    ],
  ])('is offered if it has a guarantee %s', async (_, more, least) => {
    const world = await open(more);
    expect(await world.balloon(idOf(1))).toMatchObject({
      ballooning_enabled: true,
      balloon_min: least,
    });
    expect((await targets(world)).get('theirs')).toBeGreaterThanOrEqual(Number(least));
  });

  test.each([
    ['min_guarantee', '<memtune><min_guarantee>0</min_guarantee></memtune>'],
    ...['minGuaranteedMemoryMb', 'memGuaranteedSize'].map((name) => [
      name,
      `<metadata><o:vm xmlns:o='http://ovirt.org/vm/1.0'><o:${name}>0</o:${name}></o:vm></metadata>`,
    ]),
  ])('is not offered for a %s of 0, which is none', async (_, more) => {
    const world = await open(more);
    expect(await world.balloon(idOf(1))).toMatchObject(NOT_OFFERED);
  });

  test('is offered with the default floor if the configuration offers all VMs', async () => {
    const world = await open('', { balloonPolicy: { external: true } });
    expect(await world.balloon(idOf(1))).toMatchObject({
      ballooning_enabled: true,
      balloon_min: '131072',
    });
    expect((await targets(world)).get('theirs')).toBeGreaterThanOrEqual(131_072);
  });

  test('is not moved where its balloon is below the default floor', async () => {
    const world = await open("<currentMemory unit='MiB'>100</currentMemory>");
    await world.seconds(300);
    await world.sampled();
    expect(world.calls).not.toContain('setBalloon');
    expect(await world.balloon(idOf(1))).toMatchObject({ balloon_cur: '102400' });
  });
});

test('MoM never takes a VM of vmemd without a guarantee below the default floor', async () => {
  const world = await World.open();
  const vmID = await world.boot(1, { memGuaranteedSize: undefined });
  world.host.guest(vmID).setWorkingSet(KiB(0));
  for (let rounds = 0; rounds < 60; rounds += 1) {
    for (const target of (await targets(world, 0.06)).values()) {
      expect(target).toBeGreaterThanOrEqual(131_072);
      await world.call('VM.setBalloonTarget', { vmID, target });
    }
    await world.seconds(15);
    await world.vms.sample();
  }
  expect(await world.balloon(vmID)).toMatchObject({ balloon_min: '131072' });
});
