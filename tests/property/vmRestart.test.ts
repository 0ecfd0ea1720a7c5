import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readMetadata } from '../../src/domain-xml/metadata.ts';
import type { OvirtMetadata } from '../../src/domain-xml/types.ts';
import { idOf, parameters, World } from '../support/world.ts';
import { assertProperty } from '../support/property.ts';

const vmID = idOf(1);
const MIB = 1024;

/** The actions of a client, a guest and an administrator. */
type Step =
  | { readonly kind: 'target'; readonly wish: number }
  | { readonly kind: 'plug'; readonly blocks: number; readonly guarantee?: number }
  | { readonly kind: 'unplug'; readonly device: number; readonly guarantee?: number }
  | { readonly kind: 'pause' | 'cont' | 'reset' | 'reconnect' | 'crash' | 'restart' }
  | { readonly kind: 'wait'; readonly seconds: number };

const guarantee = fc
  .option(fc.nat(2500), { nil: undefined })
  .map((mib) => (mib === undefined ? {} : { guarantee: mib }));
const asked: fc.Arbitrary<Step> = fc.oneof(
  fc.nat(4096 * MIB).map((wish) => ({ kind: 'target' as const, wish })),
  fc
    .tuple(fc.integer({ min: 1, max: 6 }), guarantee)
    .map(([blocks, more]) => ({ kind: 'plug' as const, blocks, ...more })),
  fc
    .tuple(fc.nat(3), guarantee)
    .map(([device, more]) => ({ kind: 'unplug' as const, device, ...more })),
  fc.constantFrom('pause', 'cont', 'reset').map((kind) => ({ kind })),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: asked, weight: 4 },
  { arbitrary: fc.constantFrom('reconnect', 'restart').map((kind) => ({ kind })), weight: 2 },
  { arbitrary: fc.nat(20).map((seconds) => ({ kind: 'wait' as const, seconds })), weight: 1 },
);

const foreign = `<domain type='kvm'><name>theirs</name><uuid>${vmID}</uuid>
  <maxMemory slots='4'>3145728</maxMemory><memory>1048576</memory>
  <memtune><min_guarantee unit='KiB'>300001</min_guarantee></memtune>
  <cpu><numa><cell id='0' cpus='0' memory='1048576'/></numa></cpu></domain>`;
const inflated = `<domain type='kvm'><name>ours</name><uuid>${vmID}</uuid>
  <maxMemory slots='4'>3145728</maxMemory><memory>1048576</memory><currentMemory>786432</currentMemory>
  <devices/></domain>`;

const makers = {
  'made from parameters': (world: World) =>
    world.call('VM.create', { vmID, vmParams: parameters() }),
  'made from XML with an inflated balloon': (world: World) =>
    world.call('VM.create', { vmID, vmParams: { xml: inflated } }),
  'made by others': (world: World) => world.host.createDomain(foreign, { paused: false }),
} as const;

/** Any request may be refused, but only with an error of the contract. */
const perform = async (world: World, action: Step): Promise<void> => {
  const refused = (error: unknown): void => {
    expect(error).toHaveProperty('code');
  };
  const call = (method: string, rest: object = {}): Promise<void> =>
    world.during(10, world.call(method, { vmID, ...rest })).then(() => undefined, refused);
  switch (action.kind) {
    case 'target':
      return call('VM.setBalloonTarget', { target: action.wish });
    case 'plug': {
      const memory = { size: action.blocks * 128, node: 0 };
      const params = { vmId: vmID, memory, memGuaranteedSize: action.guarantee };
      return call('VM.hotplugMemory', { params: JSON.parse(JSON.stringify(params)) as object });
    }
    case 'unplug': {
      const memory = { alias: `dimm${String(action.device)}` };
      const params = { vmId: vmID, memory, memGuaranteedSize: action.guarantee };
      return call('VM.hotunplugMemory', { params: JSON.parse(JSON.stringify(params)) as object });
    }
    case 'reconnect':
      world.host.disconnect();
      world.host.reconnect();
      return world.seconds(1);
    case 'wait':
      return world.seconds(action.seconds);
    case 'crash':
      world.host.guest(vmID).crash();
      return world.seconds(1);
    case 'restart':
      return world.restart();
    default:
      return call(`VM.${action.kind}`);
  }
};

/** What a restart must not change. A status that ends by itself is Up to a client that reads it later. */
const remembered = async (world: World) => {
  const { balloon_min, balloon_max, balloon_target } = await world.balloon(vmID);
  const status = String(await world.status(vmID));
  const passing = ['Powering up', 'RebootInProgress', 'Powering down'].includes(status);
  return {
    guaranteed: Number(balloon_min),
    memory: Number(balloon_max),
    balloonTarget: Number(balloon_target),
    status: passing ? 'Up' : status,
    devices: await world.call('VM.getMemoryDevices', { vmID }),
  };
};

const expectSound = async (world: World): Promise<void> => {
  const { guaranteed, balloonTarget, memory } = await remembered(world);
  expect(guaranteed).toBeLessThanOrEqual(memory);
  expect(balloonTarget).toBeGreaterThanOrEqual(guaranteed);
  expect(balloonTarget).toBeLessThanOrEqual(memory);
};

/** A VM of another program is never undefined. */
const expectUndefined = async (world: World, isExpected: boolean): Promise<void> => {
  expect(world.calls).not.toContain('undefineDomain');
  await world.during(1, world.call('VM.destroy', { vmID }));
  expect(world.calls.includes('undefineDomain')).toBe(isExpected);
};

const begin = async (maker: keyof typeof makers, seed: number): Promise<World> => {
  const world = await World.open({ seed });
  await makers[maker](world);
  await world.sampled();
  return world;
};

const maker = fc.constantFrom(...(Object.keys(makers) as (keyof typeof makers)[]));
const seed = fc.nat(1000);

/** A guest that has not reported to this vmemd is paused before it is seen to use its new device. */
const unreported: [keyof typeof makers, number, Step[]] = [
  'made from parameters',
  0,
  [{ kind: 'restart' }, { kind: 'plug', blocks: 1 }, { kind: 'pause' }],
];

test('after any sequence of operations, a restart does not change what clients see', async () => {
  await assertProperty(
    fc.asyncProperty(maker, seed, fc.array(step, { maxLength: 12 }), async (how, n, steps) => {
      const world = await begin(how, n);
      for (const action of steps) {
        const before = await remembered(world);
        await perform(world, action);
        await expectSound(world);
        if (action.kind === 'restart') expect(await remembered(world)).toEqual(before);
      }
      const before = await remembered(world);
      await world.restart();
      expect(await remembered(world)).toEqual(before);
      await expectUndefined(world, how !== 'made by others');
    }),
    { seconds: 5, examples: [unreported] },
  );
});

test('a restart during an operation leaves a VM that is consistent and stable', async () => {
  const interrupted = fc.tuple(asked, fc.nat(1500));
  await assertProperty(
    fc.asyncProperty(
      maker,
      seed,
      fc.array(interrupted, { maxLength: 5 }),
      async (how, n, interruptions) => {
        const world = await begin(how, n);
        for (const [action, ms] of interruptions) {
          const work = perform(world, action);
          await world.seconds(ms / 1000);
          await world.restart();
          await expectSound(world);
          await work;
          await world.seconds(60);
          await world.restart();
          const settled = await remembered(world);
          await expectSound(world);
          await world.restart();
          expect(await remembered(world)).toEqual(settled);
        }
      },
    ),
    { seconds: 5 },
  );
});

const metadata = async (world: World): Promise<OvirtMetadata> =>
  readMetadata(await world.host.domainXml(vmID)) ?? {};

test('without a verb that changes metadata, only the times of runs and boots are written', async () => {
  const watched = fc.array(
    fc.constantFrom<Step>(
      { kind: 'pause' },
      { kind: 'cont' },
      { kind: 'reset' },
      { kind: 'reconnect' },
      { kind: 'restart' },
      { kind: 'wait', seconds: 20 },
      { kind: 'crash' },
    ),
    { maxLength: 10 },
  );
  await assertProperty(
    fc.asyncProperty(maker, watched, async (how, steps) => {
      const world = await begin(how, 1);
      const before = await metadata(world);
      for (const action of steps) {
        await perform(world, action).catch(() => undefined);
        await world.vms.sample();
      }
      const { memoryJobs = '{"operations":[]}', keptFor = vmID, ...kept } = await metadata(world);
      expect(JSON.parse(memoryJobs)).toMatchObject({ operations: [] });
      expect(keptFor).toBe(vmID);
      expect({ ...kept, keptFor, memoryJobs: before.memoryJobs }).toEqual({ keptFor, ...before });
      expect(world.calls).not.toContain('undefineDomain');
    }),
    { seconds: 5 },
  );
});
