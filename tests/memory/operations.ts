import fc from 'fast-check';
import { KiB, MiB, Milliseconds, Seconds } from '../../src/common/units.ts';
import type { NewStep } from '../../src/memory/begin.ts';
import type {
  BalloonStep,
  GuaranteeStep,
  NextRunStep,
  Operation,
  PlugStep,
  ResizeStep,
  StatsPeriodStep,
  Step,
  StepState,
  UnplugStep,
} from '../../src/memory/operation.ts';
import type { Fact } from '../../src/memory/transition.ts';
import { mib } from './domains.ts';

export const STATES = [
  'queued',
  'sent',
  'timed-out',
  'done',
  'refused',
  'failed',
  'superseded',
] as const satisfies readonly StepState[];

export const FACTS = [
  'send',
  'resend',
  'rejected',
  'seen',
  'guest-refused',
  'deadline',
  'replaced',
  'run-ended',
] as const satisfies readonly Fact[];

/** Every legal transition: a state, a fact, and the state after it. */
export const LEGAL: readonly (readonly [StepState, Fact, StepState])[] = [
  ['queued', 'send', 'sent'],
  ['queued', 'seen', 'done'],
  ['queued', 'rejected', 'failed'],
  ['queued', 'replaced', 'superseded'],
  ['queued', 'run-ended', 'failed'],
  ['sent', 'send', 'sent'],
  ['sent', 'resend', 'sent'],
  ['sent', 'rejected', 'failed'],
  ['sent', 'seen', 'done'],
  ['sent', 'guest-refused', 'refused'],
  ['sent', 'deadline', 'timed-out'],
  ['sent', 'replaced', 'superseded'],
  ['sent', 'run-ended', 'failed'],
  ['timed-out', 'seen', 'done'],
  ['timed-out', 'guest-refused', 'refused'],
  ['timed-out', 'replaced', 'superseded'],
];
/** The state after a fact; undefined for an illegal transition. */
export const nextOf = (state: StepState, fact: Fact): StepState | undefined =>
  LEGAL.find(([from, by]) => from === state && by === fact)?.[2];

export const KINDS = [
  'plug',
  'unplug',
  'resize',
  'balloon',
  'guarantee',
  'next-run',
  'stats-period',
] as const satisfies readonly Step['kind'][];

/** The object without some of its members. */
export const without = <T extends object, K extends keyof T>(
  whole: T,
  ...names: readonly K[]
): Omit<T, K> =>
  Object.fromEntries(
    Object.entries(whole).filter(([name]) => !(names as readonly string[]).includes(name)),
  ) as Omit<T, K>;

// Steps of each kind, sent once unless `facts` say otherwise.
const sent = { state: 'sent', attempts: 1 } as const;

export const plug = (facts: Partial<PlugStep> = {}): PlugStep => ({
  kind: 'plug',
  alias: 'dimm0',
  size: mib(128),
  node: 0,
  ...sent,
  ...facts,
});
/** A plug whose device has no alias yet. */
export const namelessPlug = (facts: Partial<PlugStep> = {}): PlugStep => {
  return without(plug(facts), 'alias');
};
export const unplug = (facts: Partial<UnplugStep> = {}): UnplugStep => ({
  kind: 'unplug',
  alias: 'dimm0',
  size: mib(128),
  ...sent,
  ...facts,
});
export const resize = (facts: Partial<ResizeStep> = {}): ResizeStep => ({
  kind: 'resize',
  alias: 'virtiomem0',
  size: mib(512),
  ...sent,
  ...facts,
});
export const balloon = (facts: Partial<BalloonStep> = {}): BalloonStep => ({
  kind: 'balloon',
  when: 'now',
  target: mib(512),
  memory: mib(1024),
  ...sent,
  ...facts,
});
export const guarantee = (facts: Partial<GuaranteeStep> = {}): GuaranteeStep => ({
  kind: 'guarantee',
  when: 'first-done',
  guaranteed: MiB(300),
  state: 'queued',
  attempts: 0,
  ...facts,
});
export const nextRun = (facts: Partial<NextRunStep> = {}): NextRunStep => ({
  kind: 'next-run',
  memory: MiB(1024),
  before: [{ memory: MiB(2048), guaranteed: MiB(300) }],
  ...sent,
  ...facts,
});
export const statsPeriod = (facts: Partial<StatsPeriodStep> = {}): StatsPeriodStep => ({
  kind: 'stats-period',
  period: Seconds(5),
  ...sent,
  ...facts,
});

/** A step of that kind. */
export const stepOf = (kind: Step['kind'], facts: Partial<Pick<Step, 'state'>> = {}): Step =>
  ({
    plug: plug(facts),
    unplug: unplug(facts),
    resize: resize(facts),
    balloon: balloon(facts),
    guarantee: guarantee(facts),
    'next-run': nextRun(facts),
    'stats-period': statsPeriod(facts),
  })[kind];

/** The step before it is queued. */
export const asNew = (step: Step) => without(step, 'state', 'attempts') as NewStep;

export const operation = (
  steps: readonly Step[] = [],
  facts: Partial<Omit<Operation, 'steps'>> = {},
): Operation => ({
  id: 'a',
  action: 'set-memory',
  flowId: 'flow',
  startedAt: Milliseconds(1),
  ...facts,
  steps,
});

/** Operations with these steps and the ids 0, 1 …, one after another. */
export const operationsOf = (...steps: readonly (readonly Step[])[]): Operation[] =>
  steps.map((each, index) =>
    operation(each, { id: String(index), startedAt: Milliseconds(index) }),
  );

/** The states of all steps of an operation. */
export const statesOf = ({ steps }: Operation): StepState[] => steps.map(({ state }) => state);

const sizes = fc.nat(64).map((blocks) => KiB(blocks * 2048));
const guarantees = fc.nat(4096).map(MiB);
const yes = fc.constant(true as const);

const progress = {
  state: fc.constantFrom(...STATES),
  attempts: fc.nat(9),
  sentAt: fc.nat().map(Milliseconds),
  boot: fc.nat(9),
  late: yes,
  message: fc.string(),
};
const REQUIRED = ['kind', 'state', 'attempts'] as const;
const aliases = fc.constantFrom('dimm0', 'dimm1', 'dimm2');
const bases = fc.constantFrom('0x100000000', '0x140000000');
const earlierSize = fc.record({ memory: guarantees, guaranteed: guarantees }, { requiredKeys: [] });

const plugs = fc.record(
  {
    kind: fc.constant('plug' as const),
    ...progress,
    alias: aliases,
    size: sizes,
    node: fc.nat(1),
    base: bases,
    before: fc.array(fc.string(), { maxLength: 3 }),
    isPresent: yes,
    usedInBoot: fc.nat(9),
    isUnverified: yes,
  },
  { requiredKeys: [...REQUIRED, 'size', 'node'] },
);
const unplugs = fc.record(
  {
    kind: fc.constant('unplug' as const),
    ...progress,
    alias: aliases,
    size: sizes,
    base: bases,
    repeats: yes,
  },
  { requiredKeys: [...REQUIRED, 'alias', 'size'] },
);
const resizes = fc.record(
  { kind: fc.constant('resize' as const), ...progress, alias: aliases, size: sizes, repeats: yes },
  { requiredKeys: [...REQUIRED, 'alias', 'size'] },
);
const balloons = fc.record(
  {
    kind: fc.constant('balloon' as const),
    ...progress,
    when: fc.constantFrom('now' as const, 'all-ended' as const),
    target: sizes,
    memory: sizes,
    previous: sizes,
  },
  { requiredKeys: [...REQUIRED, 'when', 'target', 'memory'] },
);
const guaranteeSteps = fc.record(
  {
    kind: fc.constant('guarantee' as const),
    ...progress,
    when: fc.constantFrom('now' as const, 'first-done' as const),
    guaranteed: guarantees,
    isForThisRun: yes,
  },
  { requiredKeys: [...REQUIRED, 'when', 'guaranteed'] },
);
const nextRuns = fc.record(
  {
    kind: fc.constant('next-run' as const),
    ...progress,
    memory: guarantees,
    guaranteed: guarantees,
    before: fc.array(earlierSize, { maxLength: 3 }),
  },
  { requiredKeys: [...REQUIRED, 'memory', 'before'] },
);
const statsPeriods = fc.record(
  { kind: fc.constant('stats-period' as const), ...progress, period: fc.nat(60).map(Seconds) },
  { requiredKeys: [...REQUIRED, 'period'] },
);

/** Any device step on one of three aliases. */
export const anyDeviceStep = fc.oneof(plugs, unplugs, resizes);

/** Any step. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  anyDeviceStep,
  balloons,
  guaranteeSteps,
  nextRuns,
  statsPeriods,
);

/** Any operation, with all members that the record keeps. */
export const anyOperation: fc.Arbitrary<Operation> = fc.record(
  {
    id: fc.string(),
    action: fc.constantFrom(
      ...(['plug', 'unplug', 'set-memory', 'guarantee', 'balloon', 'stats-period'] as const),
    ),
    flowId: fc.string(),
    startedAt: fc.nat().map(Milliseconds),
    endedAt: fc.nat().map(Milliseconds),
    requested: guarantees,
    expected: guarantees,
    reached: guarantees,
    guaranteed: guarantees,
    steps: fc.array(anyStep, { maxLength: 4 }),
  },
  { requiredKeys: ['id', 'action', 'flowId', 'startedAt', 'steps'] },
);

/** Any list of operations, oldest first, with different ids. */
export const anyOperations = fc
  .array(anyOperation, { maxLength: 20, size: 'max' })
  .map((all) =>
    all.map((one, index) => ({ ...one, id: String(index), startedAt: Milliseconds(index) })),
  );
