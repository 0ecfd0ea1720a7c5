import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { NextRunStep } from '../../src/memory/operation.ts';
import { isAwaited, isOpen, transition } from '../../src/memory/transition.ts';
import { KiB, Milliseconds } from '../../src/common/units.ts';
import { assertProperty } from '../support/property.ts';
import {
  anyStep,
  FACTS,
  guarantee,
  KINDS,
  LEGAL,
  nextOf,
  nextRun,
  plug,
  resize,
  STATES,
  stepOf,
  unplug,
  without,
} from './operations.ts';

const ALL = STATES.flatMap((state) => FACTS.map((fact) => ({ state, fact })));
const ILLEGAL = ALL.filter(({ state, fact }) => nextOf(state, fact) === undefined);

test.each(LEGAL)('a step that is %s becomes, by the fact "%s", %s', (state, fact, expected) => {
  for (const kind of KINDS) {
    expect(transition(stepOf(kind, { state }), fact).state).toBe(expected);
  }
});

test.each(ILLEGAL)('a step that is $state has no transition for "$fact"', ({ state, fact }) => {
  for (const kind of KINDS) {
    expect(() => transition(stepOf(kind, { state }), fact)).toThrow(
      new Error(`a step (${kind}) that is ${state} has no transition for "${fact}"`),
    );
  }
});

describe('the number of attempts', () => {
  test('grows by one with each new attempt', () => {
    const first = transition(unplug({ state: 'queued', attempts: 0 }), 'send');
    expect(first.attempts).toBe(1);
    expect(transition(first, 'send').attempts).toBe(2);
  });

  test.each(FACTS.filter((fact) => fact !== 'send'))('does not grow with "%s"', (fact) => {
    expect(transition(unplug({ attempts: 3 }), fact).attempts).toBe(3);
  });
});

describe('a message of the hypervisor', () => {
  const messageAfter = (message: string) =>
    transition(unplug(), 'rejected', { message, sentAt: Milliseconds(5) });

  test('of up to 300 characters is recorded as it is', () => {
    expect(messageAfter('x'.repeat(300))).toMatchObject({ message: 'x'.repeat(300), sentAt: 5 });
  });

  test('that is longer is cut, and shows that', () => {
    expect(messageAfter('x'.repeat(301))).toMatchObject({
      message: `${'x'.repeat(299)}…`,
      sentAt: 5,
    });
  });
});

describe('a step that has timed out', () => {
  test('is late if it is seen to be done afterwards', () => {
    expect(transition(resize({ state: 'timed-out' }), 'seen')).toEqual(
      resize({ state: 'done', late: true }),
    );
  });

  test('is not late if the guest refuses it, or if it is replaced', () => {
    for (const fact of ['guest-refused', 'replaced'] as const) {
      expect(transition(unplug({ state: 'timed-out' }), fact)).not.toHaveProperty('late');
    }
  });

  test('is not late if it is done in time', () => {
    expect(transition(unplug(), 'seen')).not.toHaveProperty('late');
  });
});

describe('the message of a step', () => {
  test('is dropped with the state that it was about', () => {
    expect(transition(unplug({ message: 'asked again' }), 'guest-refused')).toStrictEqual(
      unplug({ state: 'refused' }),
    );
  });

  test('is the one that comes with the fact', () => {
    expect(transition(unplug({ message: 'old' }), 'rejected', { message: 'new' })).toEqual(
      unplug({ state: 'failed', message: 'new' }),
    );
  });
});

test('what comes with a fact is recorded in the step', () => {
  const detail = { sentAt: Milliseconds(7), boot: 2, previous: KiB(9) };
  expect(transition(stepOf('balloon', { state: 'queued' }), 'send', detail)).toMatchObject(detail);
  expect(transition(plug(), 'seen', { isUnverified: true })).toEqual(
    plug({ state: 'done', isUnverified: true }),
  );
});

describe('the former sizes of a next-run step', () => {
  test('stay while it is open', () => {
    const { before } = nextRun();
    const sent = transition(nextRun({ state: 'queued' }), 'send');
    expect(sent).toMatchObject({ before });
    expect(transition(sent, 'resend')).toMatchObject({ before });
  });

  test.each(['seen', 'rejected', 'replaced', 'run-ended'] as const)(
    'are dropped by "%s"',
    (fact) => {
      expect(transition(nextRun(), fact)).toMatchObject({ before: [] });
      expect(transition(nextRun({ state: 'queued' }), fact)).toMatchObject({ before: [] });
    },
  );

  test('are fields of no other kind of step', () => {
    expect(transition(guarantee(), 'seen')).not.toHaveProperty('before');
    expect(transition(plug({ before: ['dimm1'] }), 'seen')).toMatchObject({ before: ['dimm1'] });
  });
});

test('only queued and sent steps are open, only sent and timed-out ones are awaited', () => {
  expect(STATES.filter((state) => isOpen({ state }))).toEqual(['queued', 'sent']);
  expect(STATES.filter((state) => isAwaited({ state }))).toEqual(['sent', 'timed-out']);
});

test('any transition of a step keeps its kind and the fields that name its device', () => {
  assertProperty(
    fc.property(anyStep, fc.array(fc.constantFrom(...FACTS)), (step, facts) => {
      let now = step;
      for (const fact of facts) {
        const next = nextOf(now.state, fact);
        if (next === undefined) {
          expect(() => transition(now, fact)).toThrow('has no transition');
          continue;
        }
        const attempts = now.attempts + (fact === 'send' ? 1 : 0);
        const fixed = without(now as NextRunStep, 'message', 'late', 'before');
        now = transition(now, fact);
        expect(now).toMatchObject({ ...fixed, state: next, attempts });
        expect(now).not.toHaveProperty('message');
      }
    }),
  );
});
