import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type ChangeState,
  isAwaited,
  isGone,
  isOpen,
  isTrouble,
  type MemoryChange,
  type MemoryJob,
  newestChange,
  stateOf,
  withChange,
  withoutDebt,
  worthKeeping,
} from '../../src/memory/jobs.ts';
import { change, changes, job, states } from './changes.ts';
import { assertProperty } from '../support/property.ts';

const namesOf = (kept: readonly MemoryJob[]): string[] => kept.map(({ id }) => id);
const stateBy = (test: (change: MemoryChange) => boolean): ChangeState[] =>
  states.filter((state) => test(change({ state })));

test('what is open, gone, still awaited or trouble, each state tells', () => {
  expect(stateBy(isOpen)).toEqual(['queued', 'requested']);
  expect(stateBy(isGone)).toEqual(['removed', 'removed-late']);
  expect(stateBy(isAwaited)).toEqual(['requested', 'timed-out']);
  expect(stateBy(isTrouble)).toEqual(['not-online', 'refused', 'timed-out', 'failed']);
});

describe('a job', () => {
  test.each<[string, ChangeState[]]>([
    ['running', ['queued', 'removed']],
    ['running', ['refused', 'requested']],
    ['done', ['removed', 'removed-late']],
    ['done', ['online', 'unverified', 'reached', 'reached-late']],
    ['done', []],
    ['partial', ['removed', 'refused']],
    ['partial', ['online', 'not-online', 'failed']],
    ['failed', ['timed-out']],
    ['failed', ['refused', 'failed']],
  ])('is %s with changes %j', (state, ended) => {
    expect(stateOf(job({ changes: ended.map((one) => change({ state: one })) }))).toBe(state);
  });

  test('that runs has an open change, and one that does not has none', () => {
    assertProperty(
      fc.property(fc.array(changes), (all) => {
        expect(stateOf(job({ changes: all })) === 'running').toBe(all.some(isOpen));
      }),
    );
  });

  test('is carried on in one change, whose old message is told no more', () => {
    const [dimm0, dimm1] = [change({ message: 'old' }), change({ alias: 'dimm1', message: 'own' })];
    const { changes: after } = withChange(job({ changes: [dimm0, dimm1] }), 'dimm0', {
      state: 'removed',
    });
    expect(after).toEqual([{ ...change(), state: 'removed' }, dimm1]);
  });

  test('of which nothing is owed any more is the same otherwise', () => {
    expect(
      withoutDebt(job({ owesGuarantee: true, requested: 7 as never }), 'owesGuarantee'),
    ).toEqual(job({ requested: 7 as never }));
    expect(withoutDebt(job(), 'owesGuarantee')).toEqual(job());
  });
});

describe('the newest change of a device', () => {
  const jobs = [
    job({ id: 'plug', changes: [change({ action: 'plug' })] }),
    job({ id: 'first', changes: [change({ state: 'refused' })] }),
    job({ id: 'other', changes: [change({ alias: 'dimm1' })] }),
    job({ id: 'second', changes: [change({ state: 'removed' })] }),
  ];

  test('is that of the last job about it', () => {
    expect(newestChange(jobs, 'dimm0')?.job.id).toBe('second');
    expect(newestChange(jobs, 'dimm0', 'plug')?.job.id).toBe('plug');
    expect(newestChange(jobs, 'dimm1')?.change.alias).toBe('dimm1');
  });

  test('is none of another device, nor another action', () => {
    expect(newestChange(jobs, 'dimm2')).toBeUndefined();
    expect(newestChange(jobs, 'dimm0', 'resize')).toBeUndefined();
    expect(newestChange([], 'dimm0')).toBeUndefined();
  });
});

describe('of jobs are kept', () => {
  const jobs = fc
    .array(fc.array(changes, { minLength: 1, maxLength: 3 }), { maxLength: 30 })
    .map((all) => all.map((each, n) => job({ id: `job${String(n)}`, changes: each })));
  const there = fc
    .uniqueArray(fc.constantFrom('dimm0', 'dimm1', 'dimm2'))
    .map((all) => new Set(all));

  test('all that run or may still come to pass, and the last eight', () => {
    assertProperty(
      fc.property(jobs, there, (all, aliases) => {
        const kept = new Set(worthKeeping(all, aliases));
        const needed = all.filter((one) =>
          one.changes.some((each) => isOpen(each) || isAwaited(each)),
        );
        for (const one of [...needed, ...all.slice(-8)]) expect(kept.has(one)).toBe(true);
      }),
    );
  });

  test('all that tell most recently of a device that is there', () => {
    assertProperty(
      fc.property(jobs, there, (all, aliases) => {
        const kept = worthKeeping(all, aliases);
        for (const alias of aliases) {
          for (const action of ['plug', 'unplug', 'resize'] as const) {
            expect(newestChange(kept, alias, action)).toEqual(newestChange(all, alias, action));
          }
        }
      }),
    );
  });

  test('in their order, and no more of them than that takes', () => {
    assertProperty(
      fc.property(jobs, there, (all, aliases) => {
        const kept = worthKeeping(all, aliases);
        expect(kept).toEqual(all.filter((one) => kept.includes(one)));
        expect(worthKeeping(kept, aliases)).toEqual(kept);
        const ended = kept.filter(
          (one) => !one.changes.some((each) => isOpen(each) || isAwaited(each)),
        );
        expect(ended.length).toBeLessThanOrEqual(8 + 3 * aliases.size);
      }),
    );
  });

  test('no old ones that ended about devices that are gone', () => {
    const all = Array.from({ length: 10 }, (_, n) =>
      job({ id: String(n), changes: [change({ state: 'removed' })] }),
    );
    expect(namesOf(worthKeeping(all, new Set()))).toEqual(namesOf(all.slice(2)));
  });
});
