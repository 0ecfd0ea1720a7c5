import { isDeviceStep, type Operation, type Step } from '../../memory/operation.ts';
import { isOpen } from '../../memory/transition.ts';
import type { Content } from './content.ts';

/** Both records in one: every operation of either, and of a step that both have the one that has come further. */
export function merge<C extends Content>(mine: C, theirs: Content): C {
  const known = new Map(mine.operations.map((operation) => [operation.id, operation]));
  const theirIds = new Set(theirs.operations.map(({ id }) => id));
  const operations = [
    ...theirs.operations.map((operation) => {
      const own = known.get(operation.id);
      return own ? further(own, operation) : operation;
    }),
    ...mine.operations.filter(({ id }) => !theirIds.has(id)),
  ].sort((one, other) => one.startedAt - other.startedAt);
  return {
    ...mine,
    boot: Math.max(mine.boot, theirs.boot),
    operations,
    baseline: mine.baseline ?? theirs.baseline,
  };
}

function further(own: Operation, other: Operation): Operation {
  if (own.steps.length !== other.steps.length) return own;
  const steps = own.steps.map((step, index) => laterOf(step, other.steps[index] ?? step));
  const isEnded = !steps.filter(isDeviceStep).some(isOpen);
  const endedAt = own.endedAt ?? other.endedAt;
  const reached = own.reached ?? other.reached;
  return {
    ...own,
    ...(isEnded && endedAt !== undefined && { endedAt }),
    ...(isEnded && reached !== undefined && { reached }),
    steps,
  };
}

const laterOf = (own: Step, other: Step): Step => {
  const [mine, theirs] = [RANK[own.state], RANK[other.state]];
  return mine > theirs || (mine === theirs && own.attempts >= other.attempts) ? own : other;
};

const RANK: Readonly<Record<Step['state'], number>> = {
  queued: 0,
  sent: 1,
  'timed-out': 2,
  done: 3,
  refused: 3,
  failed: 3,
  superseded: 3,
};
