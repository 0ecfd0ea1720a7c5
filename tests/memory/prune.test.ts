import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newestStep, type Operation, type Step } from '../../src/memory/operation.ts';
import { isUnfinished, prunedTo, worthKeeping } from '../../src/memory/prune.ts';
import { isAwaited, isOpen } from '../../src/memory/transition.ts';
import { assertProperty } from '../support/property.ts';
import {
  anyDeviceStep,
  anyOperations,
  balloon,
  guarantee,
  nextRun,
  operationsOf,
  plug,
  resize,
  statsPeriod,
  unplug,
} from './operations.ts';

const idsOf = (operations: readonly Operation[]): string[] => operations.map(({ id }) => id);
const repeated = (count: number, ...steps: readonly Step[]): Operation[] =>
  operationsOf(...Array.from({ length: count }, () => steps));

describe('worth keeping', () => {
  const onDevices = fc
    .array(fc.array(anyDeviceStep, { minLength: 1, maxLength: 3 }), { maxLength: 30, size: 'max' })
    .map((all) => operationsOf(...all));
  const aliases = fc
    .uniqueArray(fc.constantFrom('dimm0', 'dimm1', 'dimm2'))
    .map((all) => new Set(all));

  test('are all operations that the guest may still do, and the last eight', () => {
    assertProperty(
      fc.property(onDevices, aliases, (all, present) => {
        const kept = new Set(worthKeeping(all, present));
        const needed = all.filter(({ steps }) =>
          steps.some((step) => isOpen(step) || (step.kind !== 'plug' && isAwaited(step))),
        );
        for (const one of [...needed, ...all.slice(-8)]) expect(kept.has(one)).toBe(true);
      }),
    );
  });

  test('is the newest step of each kind on each device of the domain', () => {
    assertProperty(
      fc.property(onDevices, aliases, (all, present) => {
        const kept = worthKeeping(all, present);
        for (const alias of present) {
          for (const kind of ['plug', 'unplug', 'resize'] as const) {
            expect(newestStep(kept, kind, alias)).toEqual(newestStep(all, kind, alias));
          }
        }
      }),
    );
  });

  test('are as few as that takes, in their order', () => {
    assertProperty(
      fc.property(anyOperations, aliases, (all, present) => {
        const kept = worthKeeping(all, present);
        expect(kept).toEqual(all.filter((one) => kept.includes(one)));
        expect(worthKeeping(kept, present)).toEqual(kept);
        const ended = kept.filter((one) => !isUnfinished(one));
        expect(ended.length).toBeLessThanOrEqual(8 + 3 * present.size);
      }),
    );
  });

  test('are not the older ones of ten that ended about devices that are gone', () => {
    const all = repeated(10, unplug({ state: 'done' }));
    expect(idsOf(worthKeeping(all, new Set()))).toEqual(idsOf(all.slice(2)));
  });

  test('are not ended operations without devices, nor do they displace others', () => {
    const all = [
      ...repeated(8, unplug({ state: 'done' })),
      ...repeated(8, balloon({ state: 'done' })),
    ];
    expect(worthKeeping(all, new Set())).toEqual(all.slice(0, 8));
  });

  test.each<[string, Step]>([
    ['a balloon target', balloon()],
    ['a guarantee', guarantee()],
    ['a size of the next run', nextRun()],
    ['a statistics period', statsPeriod()],
    ['a device that may go', unplug({ state: 'timed-out' })],
    ['a device that may get another size', resize({ state: 'timed-out' })],
  ])('is an old operation that waits for %s', (_, step) => {
    const all = [...operationsOf([step]), ...repeated(9, unplug({ state: 'done' }))];
    expect(worthKeeping(all, new Set())[0]).toBe(all[0]);
  });
});

test('a device that did not come online in time does not keep its operation', () => {
  expect(operationsOf([plug({ state: 'timed-out' })]).some(isUnfinished)).toBe(false);
  const all = repeated(9, plug({ state: 'timed-out' }));
  expect(worthKeeping(all, new Set())).toEqual(all.slice(1));
});

test('a balloon target that has timed out does not keep its operation', () => {
  const [one] = operationsOf([balloon({ state: 'timed-out' })]);
  expect(one && isUnfinished(one)).toBe(false);
});

describe('operations that do not fit', () => {
  const atMost = (count: number) => (kept: readonly Operation[]) => kept.length <= count;

  test('lose the oldest that have ended first', () => {
    const all = operationsOf(
      [unplug({ state: 'done' })],
      [unplug({ state: 'timed-out' })],
      [plug({ state: 'done' })],
      [resize({ state: 'failed' })],
    );
    expect(idsOf(prunedTo(all, atMost(2)))).toEqual(['1', '3']);
  });

  test('keep all that are unfinished, however many do not fit', () => {
    const all = operationsOf([unplug()], [unplug({ state: 'done' })], [guarantee()]);
    expect(idsOf(prunedTo(all, atMost(0)))).toEqual(['0', '2']);
  });

  test('stay the same if they do fit', () => {
    const all = operationsOf([unplug({ state: 'done' })]);
    expect(prunedTo(all, atMost(1))).toBe(all);
  });

  test('lose no more than it takes', () => {
    assertProperty(
      fc.property(anyOperations, fc.nat(20), (all, most) => {
        const kept = prunedTo(all, atMost(most));
        const unfinished = all.filter(isUnfinished).length;
        expect(kept).toEqual(all.filter((one) => kept.includes(one)));
        expect(kept).toHaveLength(Math.min(all.length, Math.max(most, unfinished)));
      }),
    );
  });
});
