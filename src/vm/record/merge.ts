import { Milliseconds } from '../../common/units.ts';
import type { GuestTotal } from '../../memory/online.ts';
import { isDeviceStep, type Operation, type PlugStep, type Step } from '../../memory/operation.ts';
import { isOpen } from '../../memory/transition.ts';
import { canonicalText } from './canonicalText.ts';
import type { Content } from './content.ts';

/**
 * Merges two records: it has every operation of either, and of an operation in both the steps that have come further.
 * Which record comes first makes no difference, so that two processes that merge each other's come to the same.
 */
export function merge(one: Content, other: Content): Content {
  const others = new Map(other.operations.map((operation) => [operation.id, operation]));
  const ids = new Set(one.operations.map(({ id }) => id));
  const operations = [
    ...one.operations.map((operation) => {
      const same = others.get(operation.id);
      return same ? mergedOperation(operation, same) : operation;
    }),
    ...other.operations.filter(({ id }) => !ids.has(id)),
  ];
  return {
    boot: Math.max(one.boot, other.boot),
    startedAt: of(Math.min, one.startedAt, other.startedAt),
    reportsSince: of(Math.max, one.reportsSince, other.reportsSince),
    operations: operations.sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1)),
    baseline: lesserTotal(one.baseline, other.baseline),
  };
}

/** Returns the lesser or greater of two times; the other one if one is unknown. */
const of = (
  choose: (a: number, b: number) => number,
  one: Milliseconds | undefined,
  other: Milliseconds | undefined,
): Milliseconds | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Milliseconds(choose(one, other));

function mergedOperation(one: Operation, other: Operation): Operation {
  if (byText(one, other) === 0) return one;
  const request = byText(requestOf(one), requestOf(other)) <= 0 ? requestOf(one) : requestOf(other);
  const [longer, shorter] =
    one.steps.length >= other.steps.length ? [one.steps, other.steps] : [other.steps, one.steps];
  const steps = longer.map((step, index) => further(step, shorter[index] ?? step));
  const isEnded = !steps.filter(isDeviceStep).some(isOpen);
  return { ...request, ...(isEnded && earlierEnd(one, other)), steps };
}

/** What was requested, without what became of it. */
const requestOf = (operation: Operation): Omit<Operation, 'endedAt' | 'reached' | 'steps'> =>
  omit(operation, 'endedAt', 'reached', 'steps');

const omit = <T extends object, K extends keyof T>(whole: T, ...names: readonly K[]): Omit<T, K> =>
  Object.fromEntries(Object.entries(whole).filter(([name]) => !names.includes(name as K))) as Omit<
    T,
    K
  >;

/** The end that was recorded first, with the memory reached then. */
function earlierEnd(one: Operation, other: Operation): Partial<Operation> {
  const timeOf = ({ endedAt }: Operation): number => endedAt ?? Infinity;
  const isOther =
    timeOf(other) < timeOf(one) ||
    (timeOf(other) === timeOf(one) && (other.reached ?? Infinity) < (one.reached ?? Infinity));
  const { endedAt, reached } = isOther ? other : one;
  return {
    ...(endedAt !== undefined && { endedAt }),
    ...(reached !== undefined && { reached }),
  };
}

/** The step that has come further; of two as far, the one that says more, then the one whose text is smaller. */
function further(one: Step, other: Step): Step {
  const differences = rankOf(one).map((rank, index) => rank - (rankOf(other)[index] ?? 0));
  const difference = differences.find((value) => value !== 0) ?? byText(other, one);
  return difference >= 0 ? one : other;
}

const rankOf = (step: Step): readonly number[] => [
  RANK[step.state],
  step.attempts,
  step.kind === 'plug' && step.isUnverified ? 0 : 1,
  step.kind === 'plug' ? (step.usedInBoot ?? -1) : 0,
  step.kind === 'plug' ? knowledgeOf(step) : 0,
];

/** How much a step says of its device: its alias most; without one, the more devices it excludes, the more. */
const knowledgeOf = ({ alias, before = [] }: PlugStep): number =>
  alias === undefined ? before.length : Number.MAX_SAFE_INTEGER;

const RANK: Readonly<Record<Step['state'], number>> = {
  queued: 0,
  sent: 1,
  'timed-out': 2,
  superseded: 3,
  failed: 4,
  refused: 5,
  done: 6,
};

/** The total with less memory available, then held. */
function lesserTotal(
  one: GuestTotal | undefined,
  other: GuestTotal | undefined,
): GuestTotal | undefined {
  if (!one || !other) return one ?? other;
  const difference = one.available - other.available || one.held - other.held;
  return difference <= 0 ? one : other;
}

const byText = (one: unknown, other: unknown): number => {
  const [text, others] = [canonicalText(one), canonicalText(other)];
  if (text === others) return 0;
  return text < others ? -1 : 1;
};
