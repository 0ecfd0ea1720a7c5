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
  namelessPlug,
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

  test('that began at the same time are in order of their ids, whichever comes first', () => {
    const [a, b, c] = [at('a', 1), at('b', 1), at('c', 1)];
    expect(idsOf(merged([c, a], [b]))).toEqual(['a', 'b', 'c']);
    expect(idsOf(merged([b], [a, c]))).toEqual(['a', 'b', 'c']);
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
    expect(merged([theirs], [mine]).operations[0]?.steps).toHaveLength(2);
  });

  test.each<[string, Step, Step]>([
    [
      'at which the guest uses the device for certain',
      plug({ state: 'done' }),
      plug({ state: 'done', isUnverified: true }),
    ],
    ['of the later boot that uses the device', plug({ usedInBoot: 2 }), plug({ usedInBoot: 1 })],
    ['with a boot that uses the device', plug({ usedInBoot: 0 }), plug()],
    [
      'that knows its device',
      plug({ message: 'b' }),
      namelessPlug({ message: 'a', before: ['d'] }),
    ],
    [
      'that excludes more devices, while its own is not known',
      namelessPlug({ message: 'b', before: ['d', 'e'] }),
      namelessPlug({ message: 'a', before: ['c'] }),
    ],
    [
      'that excludes a device, while its own is not known',
      namelessPlug({ message: 'b', before: ['d'] }),
      namelessPlug({ message: 'a' }),
    ],
    [
      'whose text comes first, if both have come as far',
      unplug({ message: 'a' }),
      unplug({ message: 'b' }),
    ],
  ])('is the one %s, whichever record has it', (_, expected, other) => {
    expect(stateOf(expected, other)).toEqual(expected);
    expect(stateOf(other, expected)).toEqual(expected);
  });
});

test('of two requests of one id the one whose text comes first counts, whichever record has it', () => {
  const [first, second] = [
    operation([unplug()], { guaranteed: MiB(100) }),
    operation([unplug({ state: 'done' })], { guaranteed: MiB(200) }),
  ];
  const both = { ...second, guaranteed: MiB(100) };
  expect(merged([first], [second]).operations).toEqual([both]);
  expect(merged([second], [first]).operations).toEqual([both]);
});

describe('the end of an operation that both records have', () => {
  const end = { endedAt: Milliseconds(7), reached: MiB(512) };
  const done = operation([unplug({ state: 'done' })], end);
  const open = operation([unplug()]);

  test('is the one that the other record has if it came further', () => {
    expect(merged([open], [done]).operations).toEqual([done]);
  });

  test('is the one with less memory if both ended at the same time', () => {
    const more = { ...done, reached: MiB(600) };
    const unknown = operation([unplug({ state: 'done' })], { endedAt: Milliseconds(7) });
    for (const other of [more, unknown]) {
      expect(merged([done], [other]).operations).toEqual([done]);
      expect(merged([other], [done]).operations).toEqual([done]);
    }
  });

  test('is the earlier one if both have ended', () => {
    const later = { ...done, endedAt: Milliseconds(9), reached: MiB(256) };
    expect(merged([done], [later]).operations).toEqual([done]);
    expect(merged([later], [done]).operations).toEqual([done]);
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

test('the run began at the earlier time, and its boot reports since the later one', () => {
  const times = (startedAt: number, reportsSince: number) =>
    content([], {
      startedAt: Milliseconds(startedAt),
      reportsSince: Milliseconds(reportsSince),
    });
  expect(merge(times(1, 3), times(2, 4))).toMatchObject({ startedAt: 1, reportsSince: 4 });
  expect(merge(times(2, 4), times(1, 3))).toMatchObject({ startedAt: 1, reportsSince: 4 });
});

test('a time that one of the records has counts', () => {
  const known = content([], { startedAt: Milliseconds(1), reportsSince: Milliseconds(3) });
  for (const both of [merge(known, content([])), merge(content([]), known)]) {
    expect(both).toMatchObject({ startedAt: 1, reportsSince: 3 });
  }
});

test('the baseline with less memory counts, then the one of which the balloon held less', () => {
  const baseline = (available: number, held: number) =>
    content([], { baseline: { available: KiB(available), held: KiB(held) } });
  const least = baseline(10, 5);
  for (const more of [baseline(20, 1), baseline(10, 6)]) {
    expect(merge(least, more).baseline).toEqual(least.baseline);
    expect(merge(more, least).baseline).toEqual(least.baseline);
  }
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
