import { type CallOptions, HypervisorError, mayStillHappen } from '../../host/hypervisor.ts';
import { type DeviceStep, isDeviceStep } from '../../memory/operation.ts';
import { type Finding, guestRefusal } from '../../memory/outcome.ts';
import { isOpen } from '../../memory/transition.ts';
import { Milliseconds } from '../../common/units.ts';
import type { StepRef } from '../record/memoryRecord.ts';
import type { Vm } from '../vm.ts';
import { commit, observe, observeNow, save } from './commit.ts';
import { timedOut, timeLeft } from './deadlines.ts';
import { sendDevice } from './hypervisorCalls.ts';
import { applyFinding, look } from './look.ts';
import { logFailure } from '../logFailure.ts';
import { tryToEnforceGuarantee } from './setGuarantee.ts';

/** How a device step is sent. */
interface Sending {
  /** `resend`: the outcome of the attempt is unknown; it is repeated and not counted again. */
  readonly fact?: 'send' | 'resend';
  /** The XML of the device to plug, if the client gave it. */
  readonly xml?: string;
  /** Called once the domain shows what clients rely on; what is still to be written is on record already as an intent. */
  readonly onShown?: () => void;
}

/**
 * Sends a device step that is already recorded, in a turn of the VM's queue, and records what the domain shows
 * afterwards. Throws HypervisorError, unless the domain shows the change.
 */
export async function sendStep(
  vm: Vm,
  ref: StepRef,
  options: CallOptions,
  { fact, xml, onShown }: Sending = {},
): Promise<void> {
  if (hasSucceeded(vm, ref)) return;
  requireOpen(vm, ref);
  if (fact === 'send') await commit(vm, options, () => vm.operations.apply(ref, fact));
  else if (fact) vm.operations.apply(ref, fact);
  const step = requireOpen(vm, ref);
  const hadEvent = vm.marks.markDeviceEvents();
  const failure = await sendDevice(vm, step, options, xml).then(
    () => undefined,
    (error: unknown) => error,
  );
  const isShown = failure !== undefined || step.kind === 'plug' || hadEvent();
  const wasNamed = step.alias !== undefined;
  if (isShown) await record(vm, { ref, wasNamed, fact, failure, onShown }, options);
  armDeadline(vm, ref);
  if (failure !== undefined && !isDone(vm, ref)) throw failure as Error;
}

const hasSucceeded = (vm: Vm, ref: StepRef): boolean => deviceStep(vm, ref)?.state === 'done';

/** Throws if the step has ended: the VM has, or another request has replaced it. */
function requireOpen(vm: Vm, ref: StepRef): DeviceStep {
  const step = deviceStep(vm, ref);
  if (step && isOpen(step)) return step;
  throw new HypervisorError('failed', step?.message ?? 'the VM has begun another run');
}

interface Sent {
  readonly ref: StepRef;
  readonly wasNamed: boolean;
  readonly fact: Sending['fact'];
  readonly failure: unknown;
  readonly onShown: Sending['onShown'];
}

/** Records what the domain shows after a step was sent, and how it failed if the domain does not show the change. */
async function record(
  vm: Vm,
  { ref, wasNamed, fact, failure, onShown }: Sent,
  options: CallOptions,
): Promise<void> {
  await vm.operations.deferEvents(async () => {
    const isRead = await look(vm, options).then(() => true, logUnread(vm));
    const step = deviceStep(vm, ref);
    // Why the call failed is unknown if the domain has stopped or is unreachable.
    if (isRead && failure !== undefined && step && isOpen(step) && !isDone(vm, ref)) {
      const finding = findingAfter(step, failure, fact !== 'resend');
      if (finding) applyFinding(vm, ref, finding);
    }
    // The alias of a device is not on record yet if libvirt chose it.
    if (isRead && failure === undefined && wasNamed) {
      await tryToEnforceGuarantee(vm, options);
      onShown?.();
    }
    await save(vm, options).catch(logUnread(vm));
  });
}

const logUnread =
  (vm: Vm) =>
  (error: unknown): false => {
    logFailure(vm, error, { text: 'the outcome of a memory operation is read again later' });
    observeNow(vm);
    return false;
  };

/** Returns the finding for a failed call; undefined while this attempt or an earlier one may still take effect. */
function findingAfter(
  step: DeviceStep,
  failure: unknown,
  isNewAttempt: boolean,
): Finding | undefined {
  const { message } = failure as Error;
  const isRefused = failure instanceof HypervisorError && failure.kind === 'refused';
  if (step.kind === 'unplug' && isRefused) return guestRefusal(message);
  const isRepeated = step.kind !== 'plug' && step.repeats === true;
  const isFirst = isNewAttempt && step.attempts === 1 && !isRepeated;
  return isFirst && !mayStillHappen(failure) ? { fact: 'rejected', message } : undefined;
}

/** Returns whether the domain shows the change, independent of the call's result. */
function isDone(vm: Vm, ref: StepRef): boolean {
  const step = deviceStep(vm, ref);
  if (step?.kind === 'plug') return vm.deviceOf(step) !== undefined;
  return step?.state === 'done';
}

function deviceStep(vm: Vm, ref: StepRef): DeviceStep | undefined {
  const step = vm.operations.step(ref);
  return step && isDeviceStep(step) ? step : undefined;
}

/** Whether a deadline of the step is set. */
export const isArmed = (vm: Vm, ref: StepRef): boolean => vm.timers.has(timerOf(ref));

const timerOf = ({ id, index }: StepRef): string => `${id} ${String(index)}`;

/** Handles the deadline of a sent step. */
export function armDeadline(vm: Vm, ref: StepRef): void {
  const step = deviceStep(vm, ref);
  if (step?.state === 'sent') armAfter(vm, ref, timeLeft(vm, step), RETRIES);
}

/** The time before a deadline is handled again after a failed read of the domain, and the number of retries. */
const RETRY = Milliseconds(5000);
const RETRIES = 12;

function armAfter(vm: Vm, ref: StepRef, delay: Milliseconds, retries: number): void {
  vm.timers.set(timerOf(ref), delay, () => {
    vm.queue
      .runToEnd((options) => atDeadline(vm, ref, options))
      .catch((error: unknown) => {
        logFailure(vm, error, { text: 'the deadline of a memory operation is handled later' });
        // A step that was sent again before this failed has another deadline.
        if (retries > 0 && deviceStep(vm, ref)?.state === 'sent' && !isArmed(vm, ref)) {
          armAfter(vm, ref, RETRY, retries - 1);
        }
      });
  });
}

/** Sends the step again, as often as configured; afterwards the step has timed out. Throws what the hypervisor throws. */
async function atDeadline(vm: Vm, ref: StepRef, options: CallOptions): Promise<void> {
  await observe(vm, options);
  const step = deviceStep(vm, ref);
  if (step?.state !== 'sent') return;
  if (step.kind !== 'plug' && step.attempts < vm.hotplugTimeouts.unplugAttempts) {
    return sendStep(vm, ref, options, { fact: 'send' });
  }
  await vm.operations.deferEvents(async () => {
    applyFinding(vm, ref, timedOut(vm, step));
    await save(vm, options);
  });
}
