import { describe, expect, test } from '@jest/globals';
import { MiB, Milliseconds } from '../../src/common/units.ts';
import { begin } from '../../src/memory/begin.ts';
import type { Operation, Step, StepState } from '../../src/memory/operation.ts';
import { mib } from './domains.ts';
import {
  asNew,
  balloon,
  guarantee,
  nextRun,
  operation,
  operationsOf,
  plug,
  resize,
  statesOf,
  STATES,
  statsPeriod,
  unplug,
} from './operations.ts';

const REQUEST = {
  id: 'new',
  action: 'set-memory',
  flowId: 'flow',
  startedAt: Milliseconds(9),
} as const;

/** Returns the operations after one with these steps has begun. */
function after(earlier: readonly Operation[], ...steps: readonly Step[]) {
  const { operations, operation: begun, replaced } = begin(earlier, REQUEST, steps.map(asNew));
  return { begun, older: operations.slice(0, -1), replaced, newest: operations.at(-1) };
}

const guaranteeIn = ({ steps }: Operation) => steps.find(({ kind }) => kind === 'guarantee');

describe('an operation that begins', () => {
  test('has all its steps queued, unsent, and comes last', () => {
    const earlier = operationsOf([plug()]);
    const { begun, newest, older, replaced } = after(earlier, balloon(), unplug(), statsPeriod());
    expect(begun).toEqual({
      ...REQUEST,
      steps: [balloon(), unplug(), statsPeriod()].map((step) => ({
        ...step,
        state: 'queued',
        attempts: 0,
      })),
    });
    expect(newest).toBe(begun);
    expect(older).toEqual(earlier);
    expect(replaced).toEqual([]);
  });

  test('keeps what the request says', () => {
    const said = { requested: MiB(5), expected: MiB(6), guaranteed: MiB(7) };
    expect(begin([], { ...REQUEST, ...said }, []).operation).toEqual({
      ...REQUEST,
      ...said,
      steps: [],
    });
  });
});

describe('an unplug of a device that an earlier operation is to unplug', () => {
  test('replaces one that has timed out, and repeats it', () => {
    const earlier = operationsOf([unplug({ state: 'timed-out', message: 'no answer' })]);
    const { begun, older, replaced } = after(earlier, unplug());
    expect(older[0]?.steps).toEqual([
      unplug({ state: 'superseded', message: 'a newer request replaces it' }),
    ]);
    expect(begun.steps).toEqual([unplug({ state: 'queued', attempts: 0, repeats: true })]);
    expect(replaced).toEqual([{ operation: earlier[0], index: 0, step: earlier[0]?.steps[0] }]);
  });

  test.each(STATES.filter((state) => state !== 'timed-out'))(
    'leaves one alone that is %s',
    (state) => {
      const earlier = operationsOf([unplug({ state })]);
      const { begun, older, replaced } = after(earlier, unplug());
      expect(older).toEqual(earlier);
      expect(replaced).toEqual([]);
      expect(begun.steps[0]).not.toHaveProperty('repeats');
    },
  );

  test('does not repeat one of a device of another size', () => {
    const earlier = operationsOf([unplug({ state: 'timed-out', size: mib(256) })]);
    const { begun, older } = after(earlier, unplug());
    expect(older.map(statesOf)).toEqual([['superseded']]);
    expect(begun.steps[0]).not.toHaveProperty('repeats');
  });

  test('looks at the newest of them only', () => {
    const earlier = operationsOf(
      [unplug({ state: 'timed-out' })],
      [unplug({ state: 'refused' })],
      [unplug({ alias: 'dimm1', state: 'timed-out' })],
    );
    expect(after(earlier, unplug()).older).toEqual(earlier);
  });
});

describe('a resize of a device that an earlier operation resizes', () => {
  test.each(['sent', 'timed-out'] as const)('replaces one that is %s', (state) => {
    const earlier = operationsOf([resize({ state, size: mib(1024) })]);
    const { begun, older } = after(earlier, resize({ size: mib(2048) }));
    expect(older.map(statesOf)).toEqual([['superseded']]);
    expect(begun.steps[0]).not.toHaveProperty('repeats');
  });

  test('repeats one of the same size', () => {
    const { begun } = after(operationsOf([resize()]), resize());
    expect(begun.steps[0]).toMatchObject({ repeats: true });
  });

  test.each<StepState>(['queued', 'done', 'refused', 'failed', 'superseded'])(
    'leaves one alone that is %s',
    (state) => {
      const earlier = operationsOf([resize({ state })]);
      expect(after(earlier, resize()).older).toEqual(earlier);
    },
  );
});

test('a plug replaces nothing, not even a plug of the same alias', () => {
  for (const state of STATES) {
    const earlier = operationsOf([plug({ state })], [unplug({ state })]);
    const { begun, older } = after(earlier, plug());
    expect(older).toEqual(earlier);
    expect(begun.steps[0]).not.toHaveProperty('repeats');
  }
});

test('an unplug and a resize of the same alias do not replace each other', () => {
  const earlier = operationsOf([resize({ alias: 'dimm0' })]);
  expect(after(earlier, unplug()).older).toEqual(earlier);
  const others = operationsOf([unplug({ alias: 'virtiomem0', state: 'timed-out' })]);
  expect(after(others, resize()).older).toEqual(others);
});

test('several devices of one earlier operation are replaced at once', () => {
  const [dimm0, dimm1, dimm2] = ['dimm0', 'dimm1', 'dimm2'].map((alias) =>
    unplug({ alias, state: 'timed-out' }),
  ) as [Step, Step, Step];
  const { older, replaced } = after(operationsOf([dimm0, dimm1, dimm2]), dimm0, dimm2);
  expect(older.map(statesOf)).toEqual([['superseded', 'timed-out', 'superseded']]);
  expect(replaced.map(({ index }) => index)).toEqual([0, 2]);
});

describe('the guarantee of a replaced operation', () => {
  const waiting = (step: Step, guaranteed = 300) =>
    [step, guarantee({ guaranteed: MiB(guaranteed) })] as const;
  const timedOut = unplug({ state: 'timed-out' });

  test('waits for the new operation instead', () => {
    const { begun, older } = after(operationsOf(waiting(timedOut)), unplug());
    expect(guaranteeIn(begun)).toEqual(guarantee());
    expect(begun.guaranteed).toBe(300);
    expect(older.map(statesOf)).toEqual([['superseded', 'failed']]);
  });

  test('keeps its limits', () => {
    const [step, waits] = [timedOut, guarantee({ isForThisRun: true, message: 'tried' })];
    const { begun } = after(operationsOf([step, waits]), unplug());
    expect(guaranteeIn(begun)).toEqual(guarantee({ isForThisRun: true }));
  });

  test('is void if the new operation sets one itself', () => {
    const { begun } = after(
      operationsOf(waiting(timedOut)),
      unplug(),
      guarantee({ guaranteed: MiB(700) }),
    );
    expect(begun.steps.filter(({ kind }) => kind === 'guarantee')).toEqual([
      guarantee({ guaranteed: MiB(700) }),
    ]);
    expect(begun).not.toHaveProperty('guaranteed');
  });

  test('is that of the newest of several replaced operations', () => {
    const earlier = operationsOf(
      waiting(timedOut, 300),
      waiting(unplug({ alias: 'dimm1', state: 'timed-out' }), 400),
    );
    expect(after(earlier, unplug({ alias: 'dimm1' }), unplug()).begun.guaranteed).toBe(400);
  });

  test.each<StepState>(['done', 'failed', 'superseded'])(
    'is not inherited if it is %s',
    (state) => {
      const earlier = operationsOf([timedOut, guarantee({ state })]);
      const { begun } = after(earlier, unplug());
      expect(guaranteeIn(begun)).toBeUndefined();
      expect(begun).not.toHaveProperty('guaranteed');
    },
  );

  test('is not inherited by an operation on other devices', () => {
    const { begun } = after(operationsOf(waiting(timedOut)), unplug({ alias: 'dimm1' }));
    expect(guaranteeIn(begun)).toBeUndefined();
  });

  test.each([
    [256, 'inherited', 300],
    [512, 'inherited', 300],
    [1024, 'void', undefined],
  ])('of a shrink to 512 MiB is, after a resize to %i MiB, %s', (size, _, expected) => {
    const { begun, older } = after(
      operationsOf(waiting(resize({ size: mib(512) }))),
      resize({ size: mib(size) }),
    );
    expect(begun.guaranteed).toBe(expected);
    expect(older.map(statesOf)).toEqual([['superseded', 'failed']]);
  });

  test('goes on waiting for the devices that are not replaced', () => {
    const others = [timedOut, unplug({ alias: 'dimm1' }), guarantee()];
    const { begun, older } = after(operationsOf(others), unplug());
    expect(begun.guaranteed).toBe(300);
    expect(older.map(statesOf)).toEqual([['superseded', 'sent', 'queued']]);
  });
});

describe('the size of the next run', () => {
  test('that an earlier operation has not written yet is replaced by a newer one', () => {
    const earlier = operationsOf(
      [nextRun({ state: 'done', before: [] })],
      [plug({ state: 'done' }), nextRun()],
      [nextRun({ state: 'queued' })],
    );
    const { older, replaced } = after(earlier, nextRun());
    expect(older.map(statesOf)).toEqual([['done'], ['done', 'superseded'], ['superseded']]);
    expect(older[2]?.steps[0]).toMatchObject({
      before: [],
      message: 'a newer request replaces it',
    });
    expect(replaced.map(({ operation: { id }, index }) => [id, index])).toEqual([
      ['1', 1],
      ['2', 0],
    ]);
  });

  test('is left alone by an operation that sets none', () => {
    const earlier = operationsOf([nextRun()]);
    expect(after(earlier, plug()).older).toEqual(earlier);
  });
});

test('an operation of no device inherits nothing and replaces nothing', () => {
  const earlier = [operation([unplug({ state: 'timed-out' }), guarantee()])];
  const { begun, older } = after(earlier, balloon());
  expect(older).toEqual(earlier);
  expect(begun.steps).toEqual([balloon({ state: 'queued', attempts: 0 })]);
});
