import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB, MiB, Milliseconds } from '../../../src/common/units.ts';
import type { Operation, Step } from '../../../src/memory/operation.ts';
import { merge } from '../../../src/vm/record/merge.ts';
import type { Content } from '../../../src/vm/record/content.ts';
import { assertProperty } from '../../support/property.ts';
import {
  anyOperations,
  balloon,
  operation,
  plug,
  resize,
  STATES,
  statesOf,
  unplug,
} from '../../memory/operations.ts';

const content = (operations: readonly Operation[], facts: Partial<Content> = {}): Content => ({
  boot: 0,
  operations,
  ...facts,
});
const idsOf = ({ operations }: Content): string[] => operations.map(({ id }) => id);
const merged = (mine: readonly Operation[], theirs: readonly Operation[]) =>
  merge(content(mine), content(theirs));

describe('operations of two records', () => {
  const at = (id: string, startedAt: number) =>
    operation([unplug()], { id, startedAt: Milliseconds(startedAt) });

  test('are all kept, oldest first', () => {
    expect(idsOf(merged([at('b', 2), at('d', 4)], [at('a', 1), at('c', 3)]))).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
  });

  test('that are in both are kept once', () => {
    expect(idsOf(merged([at('a', 1), at('b', 2)], [at('b', 2), at('c', 3)]))).toEqual([
      'a',
      'b',
      'c',
    ]);
  });
});

describe('a step that both records have', () => {
  const stateOf = (mine: Step, theirs: Step) =>
    merged([operation([mine])], [operation([theirs])]).operations[0]?.steps[0];

  const RANKS = [['queued'], ['sent'], ['timed-out'], ['done', 'refused', 'failed', 'superseded']];
  const rankOf = (state: string) => RANKS.findIndex((states) => states.includes(state));
  const PAIRS = STATES.flatMap((mine) => STATES.map((theirs) => [mine, theirs] as const));

  test.each(PAIRS)('is the one that has come further: of %s here and %s there', (mine, theirs) => {
    const further = Math.max(rankOf(mine), rankOf(theirs));
    const expected = [mine, theirs].filter((state) => rankOf(state) === further);
    expect(expected).toContain(stateOf(unplug({ state: mine }), unplug({ state: theirs }))?.state);
  });

  test('is the one with more attempts if the states are the same', () => {
    expect(stateOf(unplug({ attempts: 1 }), unplug({ attempts: 2 }))?.attempts).toBe(2);
    expect(stateOf(unplug({ attempts: 3 }), unplug({ attempts: 2 }))?.attempts).toBe(3);
  });

  test('is chosen apart from the other steps of its operation', () => {
    const mine = operation([unplug({ state: 'done' }), plug({ state: 'queued' })]);
    const theirs = operation([unplug(), plug()]);
    expect(merged([mine], [theirs]).operations.map(statesOf)).toEqual([['done', 'sent']]);
  });

  test('is not mixed with the other one if the operations do not have the same number of steps', () => {
    const mine = operation([unplug()]);
    const theirs = operation([unplug({ state: 'done' }), balloon()]);
    expect([mine, theirs]).toContainEqual(merged([mine], [theirs]).operations[0]);
  });
});

describe('the end of an operation that both records have', () => {
  const end = { endedAt: Milliseconds(7), reached: MiB(512) };
  const done = operation([unplug({ state: 'done' })], end);
  const open = operation([unplug()]);

  test('is the one that the other record has if it came further', () => {
    expect(merged([open], [done]).operations).toEqual([done]);
  });

  test('is one of both if both have ended', () => {
    const later = { ...done, endedAt: Milliseconds(9), reached: MiB(256) };
    expect([done, later]).toContainEqual(merged([done], [later]).operations[0]);
    expect(merged([done], [open]).operations).toEqual([done]);
  });

  test('is left out while one of its device steps is open', () => {
    const mine = operation([unplug(), resize({ state: 'done' })]);
    const theirs = operation([unplug(), resize()], end);
    expect(merged([mine], [theirs]).operations).toEqual([mine]);
  });

  test('is that of the devices, whatever else is open', () => {
    const mine = operation([unplug(), balloon()]);
    const theirs = operation([unplug({ state: 'done' }), balloon()], end);
    expect(merged([mine], [theirs]).operations[0]).toMatchObject(end);
  });
});

test('the newer boot of the guest counts', () => {
  expect(merge(content([], { boot: 1 }), content([], { boot: 3 })).boot).toBe(3);
  expect(merge(content([], { boot: 2 }), content([], { boot: 0 })).boot).toBe(2);
});

test('a baseline that one of the records has counts', () => {
  const [mine, theirs] = [10, 20].map((available) => ({
    baseline: { available: KiB(available), held: KiB(0) },
  }));
  const both = merge(content([], mine), content([], theirs)).baseline;
  expect([mine?.baseline, theirs?.baseline]).toContainEqual(both);
  expect(merge(content([], mine), content([])).baseline).toEqual(mine?.baseline);
  expect(merge(content([]), content([], theirs)).baseline).toEqual(theirs?.baseline);
  expect(merge(content([]), content([])).baseline).toBeUndefined();
});

test('merging the same record again changes nothing, and no step goes back', () => {
  assertProperty(
    fc.property(anyOperations, anyOperations, (mine, theirs) => {
      const once = merged(mine, theirs);
      expect(merge(once, content(theirs))).toEqual(once);
      expect(merge(content(mine), content(mine))).toEqual(content(mine));
      const ids = new Set([...mine, ...theirs].map(({ id }) => id));
      expect(new Set(idsOf(once))).toEqual(ids);
      expect(once.operations).toHaveLength(ids.size);
    }),
  );
});

test('both processes merge two records to the same, whichever is their own', () => {
  const total = fc.record({ available: fc.nat().map(KiB), held: fc.nat().map(KiB) });
  const facts = fc.record({ boot: fc.nat(3), baseline: total }, { requiredKeys: ['boot'] });
  /** The same operations, whose steps and ends are known to each process as far as it has seen them. */
  const pairs = fc.tuple(anyOperations, anyOperations).map(([mine, theirs]) =>
    mine.map((one, index) => {
      const other = theirs[index];
      const steps = one.steps.map((step, n) => {
        const { state, attempts, message } = other?.steps[n] ?? step;
        return { ...step, state, attempts, ...(message !== undefined && { message }) };
      });
      return [one, { ...one, ...(other?.endedAt && { endedAt: other.endedAt }), steps }] as const;
    }),
  );
  assertProperty(
    fc.property(pairs, facts, facts, (all, mine, theirs) => {
      const one = content(
        all.map(([own]) => own),
        mine,
      );
      const other = content(
        all.map(([, own]) => own),
        theirs,
      );
      expect(merge(one, other)).toEqual(merge(other, one));
    }),
  );
});
