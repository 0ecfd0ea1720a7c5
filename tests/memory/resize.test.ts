import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import type { Domain, MemoryDevice } from '../../src/domain-xml/types.ts';
import { providedMemory } from '../../src/memory/virtioMem.ts';
import { planResize } from '../../src/memory/resize.ts';
import type { ResizePlan } from '../../src/memory/resizePlan.ts';
import { KiB } from '../../src/common/units.ts';
import { dimms, virtioMem, mib, sum, vmWith } from './domains.ts';
import { assertProperty } from '../support/property.ts';

interface Vectors {
  readonly shrink: readonly {
    readonly memoryMiB: number;
    readonly wishMiB: number;
    readonly dimmsMiB: readonly number[];
    readonly chosenMiB: readonly number[];
  }[];
  readonly grow: readonly {
    readonly arch: string;
    readonly splitFirstBlock: boolean;
    readonly presentMiB: readonly number[];
    readonly incrementMiB: number;
    readonly dimmsMiB: readonly number[];
  }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../../fixtures/memory/resize.json', import.meta.url), 'utf8'),
) as Vectors;

const options = { splitFirstBlock: false, slotRule: 'all-devices' as const };

/** Returns the sizes of the unplugged DIMMs, in MiB; none without a plan to shrink. */
const unplugged = (plan: ReturnType<typeof planResize>): number[] =>
  'obstacle' in plan ?
    []
  : plan.changes.flatMap((change) => (change.action === 'unplug' ? [change.size / 1024] : []));

test.each(vectors.shrink)(
  'from $memoryMiB to $wishMiB with $dimmsMiB no more memory stays, nor go more DIMMs, than by the engine’s choice',
  ({ memoryMiB, wishMiB, dimmsMiB, chosenMiB }) => {
    const domain = vmWith(dimms(...dimmsMiB), { boot: memoryMiB - sum(dimmsMiB) });
    const chosen = unplugged(planResize(domain, mib(wishMiB), options));
    expect(sum(chosen)).toBeGreaterThanOrEqual(sum(chosenMiB));
    expect(sum(chosen)).toBeLessThanOrEqual(Math.max(0, memoryMiB - wishMiB));
    if (sum(chosen) > sum(chosenMiB)) return;
    expect(chosen.length).toBeLessThanOrEqual(chosenMiB.length);
  },
);

test.each(vectors.grow)(
  '$incrementMiB more on $arch with $presentMiB plugged are $dimmsMiB where the first block is apart: $splitFirstBlock',
  ({ arch, splitFirstBlock, presentMiB, incrementMiB, dimmsMiB }) => {
    const domain = vmWith(dimms(...presentMiB), { arch });
    const wish = KiB(domain.memory + mib(incrementMiB));
    expect(planResize(domain, wish, { splitFirstBlock, slotRule: 'all-devices' })).toEqual({
      before: domain.memory,
      after: wish,
      changes: dimmsMiB.map((size) => ({ action: 'plug', size: mib(size), node: 0 })),
      warnings: [],
    });
  },
);

describe('a plan', () => {
  test('is empty if the VM has the requested memory', () => {
    const domain = vmWith(virtioMem({ size: 512, requested: 64 }));
    expect(planResize(domain, mib(1088), options)).toEqual({
      before: mib(1088),
      after: mib(1088),
      changes: [],
      warnings: [],
    });
  });

  test('lists the unplugs, and the memory that remains above the wish', () => {
    expect(planResize(vmWith(dimms(256, 256, 128, 128)), mib(1400), options)).toEqual({
      before: mib(1792),
      after: mib(1408),
      changes: [
        { action: 'unplug', alias: 'dimm3', size: mib(128) },
        { action: 'unplug', alias: 'dimm1', size: mib(256) },
      ],
      warnings: [],
    });
  });

  test('counts the requested sizes of virtio-mem', () => {
    const domain = vmWith(virtioMem({ size: 512, requested: 64 }));
    expect(planResize(domain, mib(1100), options)).toMatchObject({ after: mib(1100) });
    expect(planResize(domain, mib(1025), options)).toMatchObject({ after: mib(1026) });
  });
});

const device = fc.oneof(
  fc.record({
    model: fc.constantFrom('dimm', 'dimm', 'nvdimm'),
    size: fc.integer({ min: 1, max: 9 }).map((blocks) => blocks * 128),
  }),
  fc
    .record({
      size: fc.integer({ min: 1, max: 9 }).map((blocks) => blocks * 64),
      block: fc.constantFrom(2, 4, 64),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ size, block, part }) => ({
      size,
      block,
      requested: Math.floor((size * part) / block) * block,
    })),
);

const anyDomain: fc.Arbitrary<Domain> = fc
  .record({
    devices: fc.array(device, { maxLength: 8 }),
    boot: fc.integer({ min: 512, max: 4096 }),
    spare: fc.integer({ min: 0, max: 4096 }),
    slots: fc.integer({ min: 0, max: 3 }),
    arch: fc.constantFrom('x86_64', 'ppc64le'),
  })
  .map(({ devices, boot, spare, slots, arch }) => {
    const plugged = devices.flatMap((one, index): MemoryDevice[] =>
      ('model' in one ? [{ model: one.model, size: mib(one.size), node: 0 }] : virtioMem(one)).map(
        (made) => ({ ...made, alias: `device${index}` }),
      ),
    );
    const size = KiB(mib(spare + boot) + sum(plugged.map((one) => one.size)));
    const maxMemory = { size, slots: plugged.length + slots };
    return vmWith(plugged, { boot, arch, maxMemory });
  });

/** Returns the domain after the plan; throws for a device that does not exist, or is unplugged twice. */
const carriedOut = (domain: Domain, plan: ResizePlan): Domain => {
  const devices = new Map(domain.memoryDevices.map((one) => [one.alias, one]));
  for (const [index, change] of plan.changes.entries()) {
    if (change.action === 'plug') {
      devices.set(`new${index}`, { model: 'dimm', size: change.size, node: change.node });
      continue;
    }
    const one = devices.get(change.alias);
    if (change.action === 'unplug') {
      expect(one).toMatchObject({ model: 'dimm', size: change.size });
      devices.delete(change.alias);
    } else {
      expect(one?.virtioMem?.requested).toBe(change.from);
      expect(change.to % (one?.virtioMem?.block ?? 0)).toBe(0);
      expect(change.to).toBeGreaterThanOrEqual(0);
      expect(change.to).toBeLessThanOrEqual(one?.size ?? 0);
      devices.set(change.alias, {
        ...one,
        virtioMem: { ...one?.virtioMem, requested: change.to },
      } as MemoryDevice);
    }
  }
  const boot = domain.memory - sum(domain.memoryDevices.map(({ size }) => size));
  return vmWith([...devices.values()], { boot: boot / 1024 });
};

test('any plan ends at or above the wish or has a warning, and keeps the limits', () => {
  assertProperty(
    fc.property(
      anyDomain,
      fc.integer({ min: 0, max: 12_000 }),
      fc.boolean(),
      (domain, wish, splitFirstBlock) => {
        const plan = planResize(domain, mib(wish), { splitFirstBlock, slotRule: 'all-devices' });
        if ('obstacle' in plan) return;
        const after = carriedOut(domain, plan);
        expect(plan.before).toBe(providedMemory(domain));
        expect(plan.after).toBe(providedMemory(after));
        expect(after.memory).toBeLessThanOrEqual(domain.maxMemory?.size ?? 0);
        expect(after.memoryDevices.length).toBeLessThanOrEqual(domain.maxMemory?.slots ?? 0);
        if (plan.warnings.every((warning) => !warning.startsWith('no more than'))) {
          expect(plan.after).toBeGreaterThanOrEqual(mib(wish));
        }
        if (mib(wish) < plan.before) expect(plan.after).toBeLessThan(plan.before);
        if (mib(wish) > plan.before) expect(plan.after).toBeGreaterThan(plan.before);
        expect(after.memoryDevices.filter(({ model }) => model === 'nvdimm')).toEqual(
          domain.memoryDevices.filter(({ model }) => model === 'nvdimm'),
        );
      },
    ),
  );
});
