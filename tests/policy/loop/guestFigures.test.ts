import { describe, expect, test } from '@jest/globals';
import { idOf, World } from '../../support/world.ts';
import { exemptionOf, guestFigures } from '../../../src/policy/loop/guestFigures.ts';

/** The domain of the first VM of a world, changed as another program does with its XML. */
async function withXml(change: (xml: string) => string): Promise<World> {
  const world = await World.open();
  await world.boot(1);
  const xml = change(await world.host.domainXml(idOf(1)));
  world.faults.domainXml = () => Promise.resolve(xml);
  await world.vms.get(idOf(1)).read();
  return world;
}

const vmOf = (world: World) => world.vms.get(idOf(1));

test('figures are those of the last sample, under the id of the VM', async () => {
  const world = await World.open();
  await world.boot(1);
  const vm = vmOf(world);
  const { newest } = vm.samples;
  expect(guestFigures(vm, undefined)).toEqual({
    name: idOf(1),
    current: 1_048_576,
    floor: 524_288,
    memory: 1_048_576,
    resident: newest?.rss,
    reportedAt: newest?.lastUpdate,
    available: newest?.available,
    unused: newest?.unused,
    usable: newest?.usable,
    diskCaches: newest?.diskCaches,
    swapIn: newest?.swapIn,
    swapOut: newest?.swapOut,
    majorFaults: newest?.majorFaults,
  });
});

test.each([
  ['2048', 2],
  ['512', 0.5],
])('CPU shares of %s weigh %d', async (shares, weight) => {
  const world = await withXml((xml) =>
    xml.replace('<os', `<cputune><shares>${shares}</shares></cputune><os`),
  );
  expect(guestFigures(vmOf(world), undefined)).toMatchObject({ weight });
});

describe('exempt is', () => {
  test.each<[string, string | undefined, () => Promise<World>]>([
    ['no VM by itself', undefined, () => withXml((xml) => xml)],
    [
      'one with huge pages',
      'hugepages',
      () => withXml((xml) => xml.replace('<os', '<memoryBacking><hugepages/></memoryBacking><os')),
    ],
    [
      'one with an assigned device',
      'assigned-device',
      () =>
        withXml((xml) =>
          xml.replace('<devices>', "<devices><hostdev mode='subsystem' type='pci'/>"),
        ),
    ],
    [
      'one without a balloon',
      'no-balloon',
      async () => {
        const world = await World.open();
        const devices = [{ type: 'balloon', device: 'memballoon', model: 'none' }];
        await world.boot(1, { devices });
        return world;
      },
    ],
    [
      'one whose ballooning is off',
      'disabled',
      async () => {
        const world = await World.open();
        await world.boot(1, { ballooningEnabled: false });
        return world;
      },
    ],
    [
      'one that is paused',
      'paused',
      async () => {
        const world = await World.open();
        await world.call('VM.pause', { vmID: await world.boot(1) });
        return world;
      },
    ],
    [
      'one whose devices are under way',
      'busy',
      async () => {
        const world = await World.open();
        const silent = { kernel: '/vmlinuz', kernelArgs: 'vmemd.sim=ignores-unplug' };
        const vmID = await world.boot(1, silent);
        const alias = await world.plug(vmID);
        const memory = { alias };
        const unplug = world.call('VM.hotunplugMemory', { vmID, params: { vmId: vmID, memory } });
        unplug.catch(() => undefined);
        await world.seconds(2);
        return world;
      },
    ],
    [
      'one that another program has created without a guarantee',
      'not-managed',
      async () => {
        const world = await World.open();
        await world.boot(1);
        const xml = (await world.host.domainXml(idOf(1)))
          .replace(/<metadata>.*<\/metadata>/s, '')
          .replace(/<memtune>.*<\/memtune>/s, '');
        world.faults.domainXml = () => Promise.resolve(xml);
        await world.restart();
        await world.vms.sample();
        return world;
      },
    ],
  ])('%s', async (_, exemption, open) => {
    const world = await open();
    expect(exemptionOf(vmOf(world))).toBe(exemption);
  });
});

test('a guest that has stopped to report counts as one that uses everything', async () => {
  const world = await World.open();
  await world.boot(1, { memSize: 2048 });
  const target = { vmID: idOf(1), target: 1_500_000 };
  await world.call('VM.setBalloonTarget', target);
  await world.sampledFor(20);
  world.host.guest(idOf(1)).setBehaviour({ statistics: false });
  await world.sampledFor(120);
  expect(guestFigures(vmOf(world), undefined)).toMatchObject({ unused: 0, usable: 0 });
});
