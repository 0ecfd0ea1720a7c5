import { pause } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import { type CallOptions, mayStillHappen } from '../../host/hypervisor.ts';
import { isDeviceStep, type Step } from '../../memory/operation.ts';
import { isOpen } from '../../memory/transition.ts';
import { jobState } from '../../memory/wireState.ts';
import { balloonObstacle } from '../balloonObstacle.ts';
import type { StepRef } from '../record/memoryRecord.ts';
import type { Vm } from '../vm.ts';
import { observeNow } from './commit.ts';
import { sendStep } from './sendStep.ts';
import { rejectTarget, sendBalloon } from './sendBalloon.ts';
import { logFailure } from '../logFailure.ts';

/** How often a failing step is sent; pauses between attempts double up to the longest. */
const ATTEMPTS = 12;
const FIRST_PAUSE = 5000;
const LONGEST_PAUSE = 300_000;

/**
 * Sends what an operation has left, each step in an operation of its own on the VM's queue: the balloon is deflated
 * first, and gets its target back when the devices have ended. Never throws; failures are recorded in the steps.
 */
export const run = (vm: Vm, id: string): Promise<void> => once(vm, id, () => sendAll(vm, id));

async function sendAll(vm: Vm, id: string): Promise<void> {
  const deflation = refOf(vm, id, (step) => step.kind === 'balloon' && step.when === 'now');
  if (deflation) await deflate(vm, deflation);
  await sendQueued(vm, id);
  const inflation = refOf(vm, id, (step) => step.kind === 'balloon' && step.when === 'all-ended');
  if (!inflation) return;
  const ended = await vm.operations.ended(id);
  // If vmemd stops before the devices have ended, the next one carries on.
  if (ended && jobState(ended) !== 'running') await inflate(vm, inflation);
}

/** The operation's first open step of that kind. */
function refOf(vm: Vm, id: string, isMeant: (step: Step) => boolean): StepRef | undefined {
  const index = vm.operations.get(id)?.steps.findIndex((step) => isOpen(step) && isMeant(step));
  return index === undefined || index < 0 ? undefined : { id, index };
}

/** Sets the balloon's target to all memory, and waits until it holds nothing or the guest takes too long. */
async function deflate(vm: Vm, ref: StepRef): Promise<void> {
  if (balloonObstacle(vm) !== undefined) {
    vm.operations.conclude(ref, 'seen');
    return;
  }
  const deadline = vm.clock.now() + vm.hotplugTimeouts.unplugTimeout;
  const failure = await vm.queue
    .runToEnd(async (options) => {
      const step = vm.operations.step(ref);
      if (step && isOpen(step)) await sendBalloon(vm, options, () => ref);
    })
    .then(
      () => undefined,
      (error: unknown) => error as Error,
    );
  if (failure) {
    giveUp(vm, ref, failure);
    if (!mayStillHappen(failure)) replaceInflation(vm, ref.id);
    return;
  }
  while (vm.isAlive && heldMiB(vm) > 0 && vm.clock.now() < deadline) {
    await pause(vm.clock, LOOK_AGAIN);
  }
  const held = heldMiB(vm);
  if (held === 0) vm.operations.conclude(ref, 'seen');
  else vm.operations.conclude(ref, 'deadline', { message: `it still holds ${String(held)} MiB` });
}

const heldMiB = (vm: Vm): number => Math.ceil((vm.samples.newest?.balloonHeld ?? 0) / 1024);

const LOOK_AGAIN = Milliseconds(250);

/** Ends the step that would restore the target, since the balloon kept it. */
function replaceInflation(vm: Vm, id: string): void {
  const inflation = refOf(vm, id, (step) => step.kind === 'balloon' && step.when === 'all-ended');
  if (inflation) vm.operations.conclude(inflation, 'replaced');
}

/** Restores the balloon's target, less the memory that was unplugged, unless a client has set another one meanwhile. */
async function inflate(vm: Vm, ref: StepRef): Promise<void> {
  await repeatedly(vm, ref, async (options) => {
    if (balloonObstacle(vm) === undefined) await setTarget(vm, ref, options);
    else vm.operations.conclude(ref, 'seen');
  });
}

/** Sends a target again after a call whose outcome is unknown. */
export const setTargetAgain = (vm: Vm, ref: StepRef): Promise<void> =>
  once(vm, ref.id, () => repeatedly(vm, ref, (options) => setTarget(vm, ref, options)));

/** The operations that are being run. */
const running = new WeakMap<Vm, Set<string>>();

/** Runs an operation unless it is being run. */
async function once(vm: Vm, id: string, work: () => Promise<void>): Promise<void> {
  const ids = running.get(vm) ?? new Set();
  running.set(vm, ids);
  if (ids.has(id)) return;
  ids.add(id);
  await work().finally(() => ids.delete(id));
}

async function setTarget(vm: Vm, ref: StepRef, options: CallOptions): Promise<void> {
  await sendBalloon(vm, options, () => ref, { isRetried: true });
  vm.operations.conclude(ref, 'seen');
}

/** Sends the queued device steps one after another. */
async function sendQueued(vm: Vm, id: string): Promise<void> {
  for (;;) {
    const ref = refOf(vm, id, (step) => isDeviceStep(step) && step.state === 'queued');
    if (!ref || !vm.isAlive) return;
    await repeatedly(vm, ref, (options) => sendStep(vm, ref, options, { fact: 'send' }));
  }
}

type Turn = Parameters<Vm['queue']['run']>[0];

/** Runs `turn` until the step is sent or has ended; after {@link ATTEMPTS} failures the step has failed. */
async function repeatedly(vm: Vm, ref: StepRef, turn: Turn): Promise<void> {
  const isWaiting = (): boolean => {
    const step = vm.operations.step(ref);
    if (!vm.isAlive || !step) return false;
    return step.state === 'queued' || (step.kind === 'balloon' && step.state === 'sent');
  };
  for (let attempt = 1; isWaiting(); attempt += 1) {
    const failure = await vm.queue
      .runToEnd((options) => (isWaiting() ? turn(options) : Promise.resolve()))
      .then(
        () => undefined,
        (error: unknown) => error as Error,
      );
    if (!failure || !isWaiting()) return;
    if (attempt === 1) warn(vm, failure, 'a step of a memory operation is tried again');
    if (attempt >= ATTEMPTS) {
      giveUp(vm, ref, failure);
      return;
    }
    await pause(vm.clock, Milliseconds(Math.min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)));
  }
}

function giveUp(vm: Vm, ref: StepRef, failure: Error): void {
  warn(vm, failure, 'a step of a memory operation has failed');
  const { message } = failure;
  if (vm.operations.step(ref)?.kind === 'balloon') rejectTarget(vm, ref, message);
  else vm.operations.conclude(ref, 'rejected', { message });
  observeNow(vm);
}

const warn = (vm: Vm, error: Error, text: string): void => {
  logFailure(vm, error, { text });
};
