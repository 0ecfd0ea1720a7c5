import { describe, expect, test } from '@jest/globals';
import { MiB } from '../../src/common/units.ts';
import type { MemoryDevice } from '../../src/domain-xml/types.ts';
import {
  applied,
  claimed,
  hasJustEnded,
  identified,
  keepingNextGuarantee,
} from '../../src/memory/apply.ts';
import { deviceKey } from '../../src/memory/identity.ts';
import type { Step, StepState } from '../../src/memory/operation.ts';
import { mib } from './domains.ts';
import {
  balloon,
  guarantee,
  namelessPlug,
  nextRun,
  operation,
  plug,
  resize,
  statesOf,
  unplug,
} from './operations.ts';

describe('a fact about one step', () => {
  test('changes that step, with its details, and no other one', () => {
    const [dimm0, dimm1] = [unplug({ message: 'old' }), unplug({ alias: 'dimm1', message: 'own' })];
    expect(applied(operation([dimm0, dimm1]), 0, 'guest-refused', { message: 'no' })).toEqual(
      operation([unplug({ state: 'refused', message: 'no' }), dimm1]),
    );
    expect(applied(operation([dimm0, dimm1]), 0, 'seen')).toEqual(
      operation([unplug({ state: 'done' }), dimm1]),
    );
  });

  test('throws where the table has no such transition', () => {
    expect(() => applied(operation([unplug({ state: 'done' })]), 0, 'send')).toThrow(
      'a step (unplug) that is done has no transition for "send"',
    );
  });
});

/** The states after the first step, a sent unplug, was rejected, refused or has timed out. */
const statesAfter = (
  fact: 'rejected' | 'guest-refused' | 'deadline' | 'replaced' | 'seen',
  ...others: readonly Step[]
): StepState[] => statesOf(applied(operation([unplug(), ...others]), 0, fact)).slice(1);

describe('a guarantee that waits for the first device', () => {
  test.each(['rejected', 'guest-refused', 'replaced'] as const)(
    'fails when the last device that it could wait for is over by "%s"',
    (fact) => {
      const after = applied(operation([unplug(), guarantee()]), 0, fact);
      expect(after.steps[1]).toEqual(
        guarantee({ state: 'failed', message: 'no device was changed' }),
      );
    },
  );

  test('stays open while the guest may still release the device', () => {
    expect(statesAfter('deadline', guarantee())).toEqual(['queued']);
  });

  test.each<[string, StepState]>([
    ['is queued', 'queued'],
    ['is sent', 'sent'],
    ['has timed out', 'timed-out'],
    ['is done', 'done'],
  ])('stays open while another device step %s', (_, state) => {
    const other = resize({ state });
    expect(statesAfter('guest-refused', other, guarantee())).toEqual([state, 'queued']);
  });

  test('fails once all of several device steps have failed', () => {
    const others = [resize({ state: 'superseded' }), plug({ state: 'failed' })];
    expect(statesAfter('guest-refused', ...others, guarantee())).toEqual([
      'superseded',
      'failed',
      'failed',
    ]);
  });

  test('that is set at once does not depend on the devices', () => {
    expect(statesAfter('rejected', guarantee({ when: 'now' }))).toEqual(['queued']);
  });

  test('that is done stays done', () => {
    expect(statesAfter('rejected', guarantee({ state: 'done' }))).toEqual(['done']);
  });
});

describe('the next run of a request', () => {
  test('is closed when no device step could be sent', () => {
    const after = applied(operation([unplug(), nextRun()]), 0, 'rejected');
    expect(after.steps[1]).toEqual(
      nextRun({ state: 'failed', before: [], message: 'no device was changed' }),
    );
  });

  test.each(['guest-refused', 'deadline', 'seen', 'replaced'] as const)(
    'is still written when a device step was sent and ended by "%s"',
    (fact) => {
      expect(statesAfter(fact, nextRun())).toEqual(['sent']);
    },
  );

  test('is still written while another device step has not failed', () => {
    expect(statesAfter('rejected', resize({ state: 'queued' }), nextRun())).toEqual([
      'queued',
      'sent',
    ]);
  });

  test('that was written stays done', () => {
    expect(statesAfter('rejected', nextRun({ state: 'done' }))).toEqual(['done']);
  });
});

test('an operation without devices loses no step when another one fails', () => {
  const steps = [balloon(), guarantee(), nextRun()];
  expect(statesOf(applied(operation(steps), 0, 'rejected'))).toEqual(['failed', 'queued', 'sent']);
});

describe('the alias and address of a plugged device', () => {
  const device = { alias: 'dimm3', base: '0x100000000', isPresent: true } as const;

  test('are recorded, and the devices before it are dropped', () => {
    const { steps } = identified(operation([namelessPlug({ before: ['dimm0'] })]), 0, device);
    expect(steps).toStrictEqual([plug(device)]);
  });

  test('are recorded only in the step that plugged it', () => {
    const [first, second] = [plug(), plug({ alias: 'dimm1' })];
    expect(identified(operation([first, second]), 1, { usedInBoot: 2 }).steps).toStrictEqual([
      first,
      { ...second, usedInBoot: 2 },
    ]);
  });

  test('are not recorded in steps of other kinds', () => {
    const steps = [unplug(), balloon()];
    expect(identified(operation(steps), 0, device)).toStrictEqual(operation(steps));
    expect(identified(operation(steps), 1, device)).toStrictEqual(operation(steps));
  });
});

describe('a device that one operation has plugged', () => {
  const device: MemoryDevice & { readonly alias: string } = {
    model: 'dimm',
    alias: 'dimm0',
    size: mib(256),
    node: 0,
    address: { slot: 0, base: '0x1' },
  };
  const owner = { id: 'mine', index: 0 };
  const mine = operation([namelessPlug({ before: [] })], { id: 'mine' });
  const stepsOf = (...others: readonly Step[]) =>
    claimed([mine, operation(others, { id: 'other' })], owner, device).map(({ steps }) => steps);

  test('is in its step, with alias and address', () => {
    const [[step]] = stepsOf() as [[Step], []];
    expect(step).toMatchObject({ alias: 'dimm0', base: '0x1', isPresent: true });
    expect(step).not.toHaveProperty('before');
  });

  test.each([
    ['that has excluded another one', ['dimm9 1 0x9']],
    ['that has excluded none', undefined],
  ])('is excluded by a plug of another operation %s, whose device is not known', (_, before) => {
    const waiting = namelessPlug(before ? { before } : {});
    const [, [step]] = stepsOf(waiting) as [unknown, [Step]];
    expect(step).toEqual({ ...waiting, before: [...(before ?? []), deviceKey(device)] });
  });

  test.each<[string, Step]>([
    ['a plug whose device is known', plug({ alias: 'dimm1' })],
    ['a plug that has failed', namelessPlug({ state: 'failed' })],
    ['an unplug', unplug()],
  ])('says nothing to %s', (_, step) => {
    expect(stepsOf(step)[1]).toEqual([step]);
  });
});

describe("keeping the next run's guarantee", () => {
  test('lets open next-run steps compare the memory only', () => {
    const before = [{ memory: MiB(1), guaranteed: MiB(2) }, { guaranteed: MiB(3) }, {}];
    expect(
      keepingNextGuarantee(operation([nextRun({ before })]), ['next-run']).steps,
    ).toStrictEqual([nextRun({ before: [{ memory: MiB(1) }, {}, {}] })]);
  });

  test('leaves ended next-run steps and all other steps alone', () => {
    const steps = [nextRun({ state: 'superseded' }), guarantee(), plug()];
    expect(keepingNextGuarantee(operation(steps), ['next-run'])).toStrictEqual(operation(steps));
  });

  test('sets open guarantees for this run only, where these are meant too', () => {
    const steps = [guarantee(), guarantee({ state: 'done' }), plug()];
    const kept = keepingNextGuarantee(operation(steps), ['next-run', 'guarantee']);
    expect(kept).toStrictEqual(
      operation([guarantee({ isForThisRun: true }), guarantee({ state: 'done' }), plug()]),
    );
  });
});

describe('an operation', () => {
  const [open, ended] = [operation([unplug()]), operation([unplug({ state: 'timed-out' })])];

  test('ends with its last open device step, whatever else is open', () => {
    expect(hasJustEnded(open, ended)).toBe(true);
    expect(hasJustEnded(open, operation([unplug({ state: 'done' }), guarantee()]))).toBe(true);
  });

  test('does not end while a device step is open', () => {
    expect(hasJustEnded(open, open)).toBe(false);
    const partly = operation([unplug({ state: 'done' }), resize({ state: 'queued' })]);
    expect(hasJustEnded(open, partly)).toBe(false);
  });

  test('does not end twice', () => {
    const before = { ...ended, endedAt: ended.startedAt };
    expect(hasJustEnded(before, { ...before, steps: [unplug({ state: 'done' })] })).toBe(false);
  });

  test('of no device never ends', () => {
    expect(hasJustEnded(operation([balloon()]), operation([balloon({ state: 'done' })]))).toBe(
      false,
    );
  });
});
