import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryChange as contract } from '../../schema/memoryJob.ts';
import { KiB, MiB } from '../../src/common/units.ts';
import type { DeviceStep, Operation, Step, StepState } from '../../src/memory/operation.ts';
import { isOpen } from '../../src/memory/transition.ts';
import {
  changeOf,
  changesOf,
  changeState,
  type ChangeState,
  hasEnded,
  isTrouble,
  jobState,
  remarks,
  wasNotDone,
} from '../../src/memory/wireState.ts';
import { assertProperty } from '../support/property.ts';
import {
  anyDeviceStep,
  anyOperation,
  balloon,
  guarantee,
  namelessPlug,
  operation,
  plug,
  resize,
  STATES,
  unplug,
} from './operations.ts';

const wordsOf: readonly ChangeState[] = contract.properties.state.enum;

describe('the word for a step', () => {
  // By state: the word for a plug, an unplug and a resize.
  const WORDS: Readonly<Record<StepState, readonly [ChangeState, ChangeState, ChangeState]>> = {
    queued: ['queued', 'queued', 'queued'],
    sent: ['requested', 'requested', 'requested'],
    'timed-out': ['not-online', 'timed-out', 'timed-out'],
    done: ['online', 'removed', 'reached'],
    refused: ['refused', 'refused', 'refused'],
    failed: ['failed', 'failed', 'failed'],
    superseded: ['superseded', 'superseded', 'superseded'],
  };

  test.each(STATES)('that is %s is the one of its kind', (state) => {
    const steps = [plug({ state, isPresent: true }), unplug({ state }), resize({ state })];
    expect(steps.map(changeState)).toEqual(WORDS[state]);
  });

  test('is the same for a late step, except for an unplug and a resize that are done', () => {
    const late = true;
    for (const state of STATES) {
      const isPresent = true;
      const steps = [
        plug({ state, late, isPresent }),
        unplug({ state, late }),
        resize({ state, late }),
      ];
      const words = state === 'done' ? ['online', 'removed-late', 'reached-late'] : WORDS[state];
      expect(steps.map(changeState)).toEqual(words);
    }
  });

  test('is the same for a plug whose use is unknown, unless it is done', () => {
    for (const state of STATES) {
      const word = state === 'done' ? 'unverified' : WORDS[state][0];
      const marks = { isUnverified: true, isPresent: true } as const;
      expect(changeState(plug({ state, ...marks }))).toBe(word);
      expect(changeState(plug({ state, ...marks, late: true }))).toBe(word);
    }
  });

  test('is timed-out for a plug whose device has not come in time', () => {
    expect(changeState(plug({ state: 'timed-out' }))).toBe('timed-out');
  });

  test('is always one of the contract', () => {
    assertProperty(
      fc.property(anyDeviceStep, (step) => {
        expect(wordsOf).toContain(changeState(step));
      }),
    );
  });

  test('is each one of the contract for some step', () => {
    const late = true;
    const isPresent = true;
    const steps = STATES.flatMap((state) => [
      plug({ state }),
      plug({ state, isPresent }),
      plug({ state, isPresent, isUnverified: true }),
      unplug({ state }),
      unplug({ state, late }),
      resize({ state }),
      resize({ state, late }),
    ]);
    expect([...new Set(steps.map(changeState))].sort()).toEqual([...wordsOf].sort());
  });
});

test('a change has ended unless it is queued or requested', () => {
  expect(wordsOf.filter((state) => !hasEnded({ state }))).toEqual(['queued', 'requested']);
});

test('a change is trouble if it ended otherwise than requested and was not replaced', () => {
  expect(wordsOf.filter((state) => isTrouble({ state }))).toEqual([
    'not-online',
    'refused',
    'timed-out',
    'failed',
  ]);
});

describe('an operation', () => {
  const [done, unknown, late] = [
    plug({ state: 'done' }),
    plug({ state: 'done', isUnverified: true }),
    unplug({ state: 'done', late: true }),
  ];
  const [timedOut, refused, failed, superseded] = [
    unplug({ state: 'timed-out' }),
    unplug({ state: 'refused' }),
    unplug({ state: 'failed' }),
    resize({ state: 'superseded' }),
  ];
  const queued = unplug({ state: 'queued', attempts: 0 });

  test.each<[string, string, readonly DeviceStep[]]>([
    ['running', 'one queued step', [queued, late]],
    ['running', 'one sent step', [refused, unplug()]],
    ['done', 'all steps done', [done, late]],
    ['done', 'a step whose use is unknown', [unknown, resize({ state: 'done' })]],
    ['done', 'no steps', []],
    ['partial', 'one of two refused', [late, refused]],
    ['partial', 'one of three done', [done, plug({ state: 'timed-out' }), failed]],
    ['failed', 'one timed-out step', [timedOut]],
    ['failed', 'all steps refused or failed', [refused, failed]],
    ['failed', 'its only step superseded', [superseded]],
  ])('is %s with %s', (state, _, steps) => {
    expect(jobState(operation(steps))).toBe(state);
  });

  test('runs exactly while a device step is open', () => {
    assertProperty(
      fc.property(anyOperation, (one) => {
        const hasOpen = one.steps.some(
          (step) => ['plug', 'unplug', 'resize'].includes(step.kind) && isOpen(step),
        );
        expect(jobState(one) === 'running').toBe(hasOpen);
      }),
    );
  });

  test('does not run for a balloon or a guarantee that is open', () => {
    expect(jobState(operation([late, balloon(), guarantee()]))).toBe('done');
  });

  test.each<[string, string, number]>([
    ['less than requested', 'partial', 999],
    ['what was requested', 'done', 1000],
    ['more than requested', 'done', 1128],
  ])('whose steps are done and that reached %s is %s', (_, expected, reached) => {
    const facts = { requested: MiB(1000), reached: MiB(reached) };
    expect(jobState(operation([done], facts))).toBe(expected);
  });

  test('whose steps are done is done if what it reached or was to reach is unknown', () => {
    expect(jobState(operation([done], { requested: MiB(1000) }))).toBe('done');
    expect(jobState(operation([done], { reached: MiB(10) }))).toBe('done');
  });

  test('was not done if all its device steps have failed', () => {
    expect(wasNotDone(operation([failed, failed, balloon()]))).toBe(true);
    expect(wasNotDone(operation([failed, refused]))).toBe(false);
    expect(wasNotDone(operation([failed, queued]))).toBe(false);
    expect(wasNotDone(operation([balloon({ state: 'failed' })]))).toBe(false);
    expect(wasNotDone(operation())).toBe(false);
  });
});

describe('the remarks on an operation', () => {
  const texts = (steps: readonly Step[], facts: Partial<Operation> = {}) =>
    remarks(operation(steps, facts));
  const done = unplug({ state: 'done' });
  const short = { expected: MiB(1024), reached: MiB(896) };

  test('say that the balloon was not deflated, and why', () => {
    const failed = balloon({ state: 'failed', message: 'monitor busy' });
    expect(texts([failed, done])).toEqual(['the balloon was not deflated: monitor busy']);
  });

  test('say that the balloon did not get its target back, also where no reason is known', () => {
    expect(texts([balloon({ when: 'all-ended', state: 'failed' })])).toEqual([
      'the balloon did not get its target back: the hypervisor gave no reason',
    ]);
  });

  test('mention only balloon steps that have failed or timed out', () => {
    const isRemarked = (state: StepState) => texts([balloon({ state, message: 'x' })]).length > 0;
    expect(STATES.filter(isRemarked)).toEqual(['timed-out', 'failed']);
  });

  test('say that other memory was unplugged meanwhile, and how much', () => {
    expect(texts([done], short)).toEqual([
      'the VM has 896 MiB, 128 MiB less than planned, because other memory was unplugged meanwhile',
    ]);
  });

  test('do not mention the memory if a device step explains what is missing', () => {
    expect(texts([done, unplug({ state: 'refused' })], short)).toEqual([]);
  });

  test('do not mention the memory if it was reached, or is unknown', () => {
    expect(texts([done], { expected: MiB(896), reached: MiB(896) })).toEqual([]);
    expect(texts([done], { expected: MiB(896) })).toEqual([]);
    expect(texts([done], { reached: MiB(896) })).toEqual([]);
  });

  test('mention the balloon first', () => {
    expect(texts([balloon({ state: 'failed' }), done], short)).toHaveLength(2);
    expect(texts([balloon({ state: 'failed' }), done], short)[0]).toMatch(/^the balloon/);
  });
});

describe('the changes of an operation', () => {
  test('are its device steps, in MiB and in the words of the wire', () => {
    const steps = [balloon(), plug({ state: 'done' }), resize({ message: 'slow', attempts: 2 })];
    expect(changesOf(operation(steps))).toStrictEqual([
      { action: 'plug', alias: 'dimm0', size_mib: 128, state: 'online', attempts: 1 },
      {
        action: 'resize',
        alias: 'virtiomem0',
        size_mib: 512,
        state: 'requested',
        attempts: 2,
        message: 'slow',
      },
    ]);
  });

  test('leave out a device without an alias', () => {
    expect(changeOf(namelessPlug())).toBeUndefined();
    expect(changesOf(operation([namelessPlug(), plug({ alias: 'dimm1' })]))).toMatchObject([
      { alias: 'dimm1' },
    ]);
  });

  test('round a size down to whole MiB', () => {
    const size = KiB(128 * 1024 + 1023);
    expect(changeOf(unplug({ size }))?.size_mib).toBe(128);
  });
});
