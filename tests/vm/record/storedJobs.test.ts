import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB, MiB } from '../../../src/common/units.ts';
import type { DeviceStep, Step, StepState } from '../../../src/memory/operation.ts';
import { changesOf, changeState, type ChangeState } from '../../../src/memory/wireState.ts';
import { parse, serialize, textOf } from '../../../src/vm/record/stored.ts';
import type { StoredJobs } from '../../../src/vm/record/storedJobs.ts';
import { assertProperty } from '../../support/property.ts';
import { mib } from '../../memory/domains.ts';
import { balloon, guarantee, nextRun, plug, resize, unplug } from '../../memory/operations.ts';

type Job = StoredJobs['jobs'][number];
type Change = Job['changes'][number];

/** The states that changes of each action had before version 2, and what they are now. */
const STATES = {
  plug: [
    ['queued', 'queued', {}],
    ['requested', 'sent', {}],
    ['online', 'done', {}],
    ['not-online', 'timed-out', { isPresent: true }],
    ['unverified', 'done', { isUnverified: true }],
    ['failed', 'failed', {}],
  ],
  unplug: [
    ['queued', 'queued', {}],
    ['requested', 'sent', {}],
    ['removed', 'done', {}],
    ['refused', 'refused', {}],
    ['timed-out', 'timed-out', {}],
    ['removed-late', 'done', { late: true }],
    ['superseded', 'superseded', {}],
    ['failed', 'failed', {}],
  ],
  resize: [
    ['queued', 'queued', {}],
    ['requested', 'sent', {}],
    ['reached', 'done', {}],
    ['timed-out', 'timed-out', {}],
    ['reached-late', 'done', { late: true }],
    ['superseded', 'superseded', {}],
    ['failed', 'failed', {}],
  ],
} as const satisfies Record<
  DeviceStep['kind'],
  readonly (readonly [ChangeState, StepState, object])[]
>;
const ALL = (['plug', 'unplug', 'resize'] as const).flatMap((action) =>
  STATES[action].map(([word, state, marks]) => ({ action, word, state, marks })),
);

const STEPS = { plug, unplug, resize };
const change = (facts: Partial<Change> = {}): Change => ({
  action: 'unplug',
  alias: 'dimm0',
  size: mib(128),
  state: 'requested',
  attempts: 1,
  ...facts,
});
const job = (facts: Partial<Job> = {}): Job => ({
  id: 'a',
  action: 'unplug',
  flowId: 'flow',
  startedAt: 1,
  changes: [],
  ...facts,
});

const read = (stored: StoredJobs) => parse(JSON.stringify(stored));
const operationFrom = (facts: Partial<Job>) => read({ jobs: [job(facts)] })?.operations[0];
const stepsFrom = (facts: Partial<Job>) => operationFrom(facts)?.steps;

describe('a record of the format before version 2', () => {
  test('is of the first revision, by an unknown writer, in the first boot of the guest', () => {
    expect(read({ jobs: [] })).toStrictEqual({
      revision: 0,
      writer: '',
      boot: 0,
      operations: [],
    });
  });

  test("keeps the guest's total", () => {
    const before = { available: KiB(7), held: KiB(1) };
    expect(read({ jobs: [], before })?.baseline).toEqual(before);
  });

  test('keeps the order of its jobs, and all that is known of each', () => {
    const facts = {
      id: 'b',
      action: 'set-memory',
      flowId: 'x',
      startedAt: 2,
      endedAt: 3,
      requested: MiB(1024),
      expected: MiB(1152),
      guaranteed: MiB(300),
    } as const;
    expect(read({ jobs: [job(), { ...facts, changes: [] }] })?.operations).toStrictEqual([
      { id: 'a', action: 'unplug', flowId: 'flow', startedAt: 1, steps: [] },
      { ...facts, steps: [] },
    ]);
  });
});

describe('a change of that format', () => {
  test.each(ALL)('$action that was $word is $state', ({ action, word, state, marks }) => {
    const [step] = stepsFrom({ changes: [change({ action, state: word })] }) ?? [];
    expect(step).toStrictEqual({
      ...STEPS[action]({ alias: 'dimm0', size: mib(128), state }),
      ...marks,
      boot: 0,
    });
    expect(changeState(step as DeviceStep)).toBe(word);
  });

  test.each(['unplug', 'resize'] as const)(
    'of the action %s has no mark that only plugs have, and can be written',
    (action) => {
      const changes = (['not-online', 'unverified'] as const).map((state) =>
        change({ action, state }),
      );
      const record = parse(JSON.stringify({ jobs: [job({ changes })] }));
      if (!record) throw new Error('the record is not read');
      expect(parse(serialize(textOf(record), record))).toMatchObject({
        operations: record.operations,
      });
    },
  );

  test('keeps its attempts, the time of the last one, its place and its message', () => {
    const facts = { base: '0x100000000', askedAt: 9, attempts: 2, message: 'no' };
    const { askedAt: sentAt, ...kept } = facts;
    const changes = (['plug', 'unplug'] as const).map((action) => change({ action, ...facts }));
    expect(stepsFrom({ changes })).toEqual([
      plug({ ...kept, sentAt, boot: 0 } as never),
      unplug({ ...kept, sentAt, boot: 0 } as never),
    ]);
  });

  test('that plugs keeps its node, and whether the device was there', () => {
    const changes = [change({ action: 'plug', node: 1, wasThere: true })];
    expect(stepsFrom({ changes })).toEqual([plug({ node: 1, isPresent: true, boot: 0 })]);
  });

  test('whose device was not there is equal to one without that field', () => {
    const changes = [change({ action: 'plug', wasThere: false })];
    expect(stepsFrom({ changes })).toStrictEqual([plug({ boot: 0 })]);
  });

  test('that repeats an earlier one still repeats it', () => {
    const changes = [
      change({ repeats: true }),
      change({ action: 'resize', alias: 'virtiomem0', size: mib(512), repeats: true }),
      change({ alias: 'dimm1', repeats: false }),
    ];
    expect(stepsFrom({ changes })).toStrictEqual([
      unplug({ repeats: true, boot: 0 }),
      resize({ repeats: true, boot: 0 }),
      unplug({ alias: 'dimm1', boot: 0 }),
    ]);
  });
});

describe('an unfinished part of a job of that format', () => {
  const queued = { state: 'queued', attempts: 0 } as const;
  const guaranteed = MiB(300);

  test.each<[string, Partial<Job>, Step]>([
    [
      'a target for the balloon after the devices',
      { deflated: { target: KiB(900), memory: KiB(1000) } },
      balloon({ when: 'all-ended', target: KiB(900), memory: KiB(1000), ...queued }),
    ],
    [
      'a guarantee with a plug or an unplug',
      { guaranteed, owesGuarantee: true },
      guarantee({ guaranteed, ...queued }),
    ],
    [
      "a guarantee with a size, which the next run's does not follow",
      { action: 'set-memory', guaranteed, owesGuarantee: true },
      guarantee({ guaranteed, isForThisRun: true, ...queued }),
    ],
    [
      'a size of the next run',
      { requested: MiB(512), nextRunBefore: [{ memory: MiB(1024) }, {}] },
      nextRun({ memory: MiB(512), before: [{ memory: MiB(1024) }, {}], ...queued }),
    ],
    [
      'a size of the next run with a guarantee',
      { requested: MiB(512), guaranteed, nextRunBefore: [] },
      nextRun({ memory: MiB(512), guaranteed, before: [], ...queued }),
    ],
  ])('is a step: %s', (_, facts, step) => {
    expect(stepsFrom(facts)).toStrictEqual([step]);
  });

  test('follows the devices', () => {
    const steps = stepsFrom({
      changes: [change({ state: 'removed' }), change({ alias: 'dimm1' })],
      requested: MiB(512),
      guaranteed,
      owesGuarantee: true,
      deflated: { target: KiB(900), memory: KiB(1000) },
      nextRunBefore: [],
    });
    expect(steps?.map(({ kind }) => kind)).toEqual([
      'unplug',
      'unplug',
      'balloon',
      'guarantee',
      'next-run',
    ]);
  });

  test('is nothing if the guarantee is set, or the size of the next run was never requested', () => {
    expect(stepsFrom({ guaranteed, owesGuarantee: false })).toEqual([]);
    expect(stepsFrom({ guaranteed })).toEqual([]);
    expect(stepsFrom({ owesGuarantee: true })).toEqual([]);
    expect(stepsFrom({ nextRunBefore: [] })).toEqual([]);
  });

  test('deflates the balloon first if unplugs are not sent yet', () => {
    const deflated = { target: KiB(900), memory: KiB(1000) };
    const changes = [change({ state: 'removed' }), change({ alias: 'dimm1', state: 'queued' })];
    expect(stepsFrom({ deflated, changes })?.[0]).toMatchObject({
      kind: 'balloon',
      when: 'now',
      state: 'queued',
    });
  });
});

const anyChange: fc.Arbitrary<Change> = fc
  .record({
    of: fc.constantFrom(...ALL),
    alias: fc.constantFrom('dimm0', 'dimm1'),
    size: fc.nat(64).map(mib),
    attempts: fc.nat(9),
    marks: fc.record(
      {
        node: fc.nat(1),
        base: fc.string(),
        askedAt: fc.nat(),
        wasThere: fc.boolean(),
        repeats: fc.boolean(),
        message: fc.string(),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ of, marks, ...rest }) => ({ ...rest, ...marks, action: of.action, state: of.word }));
const anyJob: fc.Arbitrary<Job> = fc.record(
  {
    id: fc.string(),
    action: fc.constantFrom('plug' as const, 'unplug' as const, 'set-memory' as const),
    flowId: fc.string(),
    startedAt: fc.nat(),
    endedAt: fc.nat(),
    changes: fc.array(anyChange, { maxLength: 4 }),
    requested: fc.nat().map(MiB),
    expected: fc.nat().map(MiB),
    guaranteed: fc.nat().map(MiB),
    owesGuarantee: fc.boolean(),
    deflated: fc.record({ target: fc.nat().map(KiB), memory: fc.nat().map(KiB) }),
    nextRunBefore: fc.array(fc.record({ memory: fc.nat().map(MiB) }, { requiredKeys: [] }), {
      maxLength: 3,
    }),
  },
  { requiredKeys: ['id', 'action', 'flowId', 'startedAt', 'changes'] },
);

test('any record of that format shows clients the same changes, and can be written as version 2', () => {
  assertProperty(
    fc.property(fc.uniqueArray(anyJob, { maxLength: 4, selector: ({ id }) => id }), (jobs) => {
      const content = read({ jobs });
      expect(content?.operations.map(changesOf)).toEqual(
        jobs.map(({ changes }) =>
          changes.map(({ action, alias, size, state, attempts, message }) => ({
            action,
            alias,
            size_mib: size / 1024,
            state,
            attempts,
            ...(message !== undefined && { message }),
          })),
        ),
      );
      if (!content) return;
      const again = parse(serialize(textOf(content), { revision: 1, writer: 'me' }));
      expect(again?.operations).toEqual(content.operations);
    }),
  );
});
