import type { CallOptions } from '../../host/hypervisor.ts';
import type { BalloonStory } from '../../memory/balloonStory.ts';
import { type DueGuarantee, dueGuarantee } from '../../memory/dueGuarantee.ts';
import { isOpen } from '../../memory/transition.ts';
import { messageOf } from '../../common/messageOf.ts';
import { type KiB, Milliseconds, toKiB } from '../../common/units.ts';
import { balloonObstacle } from '../balloonObstacle.ts';
import type { Vm } from '../vm.ts';
import { beginMove } from './beginMove.ts';
import { retryPause } from './deadlines.ts';
import { sendBalloonTarget, sendNextRunGuarantee } from './hypervisorCalls.ts';
import { logFailure } from '../logFailure.ts';

/** How often a guarantee is tried to be set. */
const ATTEMPTS = 20;

/** As {@link setDueGuarantee}; never throws: a failure is logged, and the guarantee is tried again later. */
export const tryDueGuarantee = (vm: Vm, options: CallOptions): Promise<void> =>
  tryTo(set, vm, options);

/**
 * Puts a guarantee whose time has come into force, which takes no call unless the balloon is to be raised. Never throws,
 * as {@link tryDueGuarantee}, which writes it for good.
 */
export const tryToEnforceGuarantee = (vm: Vm, options: CallOptions): Promise<void> =>
  tryTo(enforce, vm, options);

async function tryTo(
  act: (vm: Vm, due: DueGuarantee, options: CallOptions) => Promise<void>,
  vm: Vm,
  options: CallOptions,
): Promise<void> {
  const due = vm.isReadOnly ? undefined : dueOf(vm);
  if (!due) return;
  if (due.step.attempts > 0 && timeToTry(vm, due) > 0) return;
  await act(vm, due, options).catch((error: unknown) => {
    recordFailure(vm, due, error);
  });
}

/** Returns when a guarantee that could not be set is to be tried again; undefined if there is none. */
export function guaranteeRetry(vm: Vm): Milliseconds | undefined {
  const due = dueOf(vm);
  return due && due.step.attempts > 0 ? timeToTry(vm, due) : undefined;
}

function timeToTry(vm: Vm, { step: { attempts, sentAt } }: DueGuarantee): Milliseconds {
  const next = (sentAt ?? -Infinity) + retryPause(attempts);
  return Milliseconds(Math.max(0, next - vm.operations.now));
}

/**
 * Sets the guarantee whose time has come, if there is one; the write of the record puts it into force for good. Throws
 * HypervisorError if the balloon cannot be raised to it, which changes nothing. The next run's configuration follows as
 * soon as it can be written.
 */
export async function setDueGuarantee(vm: Vm, options: CallOptions): Promise<void> {
  const due = dueOf(vm);
  if (due) await set(vm, due, options);
}

async function set(vm: Vm, due: DueGuarantee, options: CallOptions): Promise<void> {
  await enforce(vm, due, options);
  if (!due.step.isForThisRun) {
    try {
      await sendNextRunGuarantee(vm, due.guaranteed, options);
    } catch (error) {
      recordFailure(vm, due, error);
      return;
    }
    vm.operations.keepNextGuarantee('next-run');
  }
  close(vm, due);
}

/** Raises the balloon to the guarantee, which is in force from then on. Throws HypervisorError if that fails. */
async function enforce(vm: Vm, { guaranteed }: DueGuarantee, options: CallOptions): Promise<void> {
  const floor = toKiB(guaranteed);
  if (vm.balloonTarget < floor) {
    const story = { ...guaranteedStory(vm), bound: 'guarantee' as const };
    await raiseTarget(vm, floor, story, options);
  }
  if (guaranteed !== vm.domain.metadata?.memGuaranteedSize) {
    vm.intend({ memGuaranteedSize: guaranteed });
  }
}

function dueOf(vm: Vm): DueGuarantee | undefined {
  const { operations } = vm;
  const own = operations.operations.filter(({ id }) => operations.isOwn(id));
  return dueGuarantee(own, vm.domain);
}

function recordFailure(vm: Vm, { operation, index }: DueGuarantee, error: unknown): void {
  const ref = { id: operation.id, index };
  vm.operations.conclude(ref, 'send');
  const { attempts = 0 } = vm.operations.step(ref) ?? {};
  const isLast = attempts >= ATTEMPTS;
  logFailure(vm, error, {
    text: isLast ? 'a guarantee could not be set' : 'a guarantee is set later',
    level: isLast || attempts < 2 ? 'warn' : 'debug',
    facts: { attempts },
  });
  if (isLast) vm.operations.conclude(ref, 'rejected', { message: messageOf(error) });
}

/**
 * Sets the target anew if the VM is below its floor: an unplug has left it there, as QEMU keeps the balloon's size then,
 * or another program has moved its balloon. Never throws: a failure is logged, and tried again when the VM is observed
 * next, but not for ever.
 */
export async function keepTargetGuaranteed(vm: Vm, options: CallOptions): Promise<void> {
  const { balloonTarget: stored, balloonTargetMemory = vm.memory } = vm.domain.metadata ?? {};
  if (stored === undefined || stored + vm.memory - balloonTargetMemory >= vm.balloonTarget) return;
  if (balloonObstacle(vm) !== undefined || vm.timers.has(BELOW_FLOOR) || !mayRaise(vm)) return;
  const bound = vm.guaranteed === undefined ? 'floor' : 'guarantee';
  await raiseTarget(vm, vm.balloonTarget, { ...vm.story, bound }, options).catch(
    (error: unknown) => {
      logFailure(vm, error, { text: 'the balloon is below its minimum' });
      // A balloon that hangs must not hold up every other request.
      vm.timers.set(BELOW_FLOOR, PAUSE, () => undefined);
    },
  );
}

/** How long a target that could not be set anew is left alone, and how often it is set until a client requests anything. */
const PAUSE = Milliseconds(30_000);
const MOST_RAISES = 5;
/** After that time without a raise, they are counted anew. */
const CALM = Milliseconds(600_000);
const BELOW_FLOOR = 'below floor';

/** How often the balloon was raised since a client's newest request. */
interface Raises {
  readonly request: string | undefined;
  readonly count: number;
  readonly at: Milliseconds;
}

const raises = new WeakMap<Vm, Raises>();

/** Counts a raise of the balloon; returns whether it may be tried, since another program may always move it back. */
function mayRaise(vm: Vm): boolean {
  const at = vm.clock.now();
  const request = vm.operations.operations.at(-1)?.id;
  const before = raises.get(vm);
  const isOver = before && before.count < MOST_RAISES && at - before.at > CALM;
  const count = before?.request === request && !isOver ? (before?.count ?? 0) + 1 : 1;
  raises.set(vm, { request, count, at });
  if (count === MOST_RAISES + 1) {
    vm.log.error(
      { vmId: vm.id },
      `the balloon is left below its minimum after ${String(MOST_RAISES)} attempts to raise it; set a target or a guarantee anew`,
    );
  }
  return count <= MOST_RAISES;
}

/** Returns the story of a target that a guarantee raises: still that of a wish, if there was one, else the client's. */
function guaranteedStory({ story, balloonTarget: wished }: Vm): BalloonStory {
  if (story.by === 'client' || story.by === 'policy') return { wished, ...story };
  return { by: 'client', ...(story.isAskedFor && { isAskedFor: story.isAskedFor }) };
}

async function raiseTarget(
  vm: Vm,
  target: KiB,
  story: BalloonStory,
  options: CallOptions,
): Promise<void> {
  if (balloonObstacle(vm) === undefined) await sendBalloonTarget(vm, target, options);
  beginMove(vm, target, { ...story, since: vm.operations.now });
}

/** The newest guarantee wins: it ends the steps of the operations before it. */
function close(vm: Vm, { operation, index, isAll }: DueGuarantee): void {
  const { operations } = vm;
  const place = operations.operations.findIndex(({ id }) => id === operation.id);
  for (const older of operations.operations.slice(0, place)) {
    older.steps.forEach((step, at) => {
      if (step.kind !== 'guarantee' || !isOpen(step)) return;
      operations.conclude({ id: older.id, index: at }, 'replaced');
    });
  }
  if (isAll) operations.conclude({ id: operation.id, index }, 'seen');
}
