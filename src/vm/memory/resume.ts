import {
  type DeviceStep,
  isDeviceStep,
  type Operation,
  type Placed,
  type Step,
} from '../../memory/operation.ts';
import { balloonCurrent, carriedTarget } from '../../memory/balloon.ts';
import { unverified } from '../../memory/outcome.ts';
import { isOpen } from '../../memory/transition.ts';
import { Milliseconds } from '../../common/units.ts';
import type { CallOptions } from '../../host/hypervisor.ts';
import type { Vm } from '../vm.ts';
import { observe, observeNow, saveOrRetry } from './commit.ts';
import { retryPause, timeLeft } from './deadlines.ts';
import { applyFinding } from './look.ts';
import { sendNextRun } from './nextRun.ts';
import { run, setTargetAgain } from './queuedSteps.ts';
import { armDeadline, isArmed, sendStep } from './sendStep.ts';
import { rejectTarget } from './sendBalloon.ts';
import { sendStatsPeriod } from './sendStatsPeriod.ts';
import { logFailure } from '../logFailure.ts';

/** Continues this process's unfinished operations; the outcome of the steps that were sent is unknown. */
export function resume(vm: Vm): void {
  if (vm.isReadOnly) return;
  for (const placed of sentSteps(vm)) resumeSent(vm, placed);
  for (const placed of vm.operations.openSteps) sendAgain(vm, placed);
  runAll(vm);
}

/** Retries steps that could not be observed or sent while the hypervisor was unreachable or refused a write. */
export function resumeLost(vm: Vm): void {
  if (vm.isReadOnly) return;
  takeOverAbandoned(vm);
  for (const placed of sentSteps(vm)) {
    if (!isArmed(vm, refOf(placed))) armDeadline(vm, refOf(placed));
  }
  repeatWrites(vm);
  runAll(vm);
}

/** Sends the steps again that have failed to write, after a time that grows with their attempts. */
export function repeatWritesLater(vm: Vm): void {
  const open = vm.operations.openSteps.filter(({ step }) => !isDeviceStep(step));
  if (open.length === 0 || vm.timers.has(WRITES)) return;
  const attempts = Math.max(...open.map(({ step }) => step.attempts));
  vm.timers.set(WRITES, retryPause(attempts), () => {
    repeatWrites(vm);
  });
}

const WRITES = 'writes';

function repeatWrites(vm: Vm): void {
  for (const placed of vm.operations.openSteps) {
    if (placed.step.attempts < ATTEMPTS) sendAgain(vm, placed);
    else if (!isDeviceStep(placed.step)) giveUp(vm, placed);
  }
}

function runAll(vm: Vm): void {
  for (const operation of vm.operations.operations) {
    if (vm.operations.isOwn(operation.id) && needsRun(operation)) void run(vm, operation.id);
  }
}

/** Takes over operations of another process that has let their time pass: it has ended, or is not able to end them. */
function takeOverAbandoned(vm: Vm): void {
  for (const operation of vm.operations.operations) {
    if (vm.operations.isOwn(operation.id) || !isOld(vm, operation)) continue;
    if (!operation.steps.some((step) => isOpen(step) && isLate(vm, step))) continue;
    vm.operations.takeOver(operation.id);
    // a guarantee is set with what is recorded next
    observeNow(vm);
  }
}

const isLate = (vm: Vm, step: Step): boolean =>
  !isDeviceStep(step) || step.state === 'queued' || timeLeft(vm, step) <= 0;

const isOld = (vm: Vm, { startedAt }: Operation): boolean =>
  vm.operations.now - startedAt >
  vm.hotplugTimeouts.unplugAttempts * vm.hotplugTimeouts.unplugTimeout + GRACE;

/** How long after the last deadline of its operation another process counts as gone. */
const GRACE = Milliseconds(60_000);

/** How often a step that writes is sent. */
const ATTEMPTS = 20;

function giveUp(vm: Vm, placed: Placed): void {
  const message = `it failed ${String(ATTEMPTS)} times`;
  vm.log.error({ vmId: vm.id, kind: placed.step.kind }, `a step of a memory operation: ${message}`);
  if (placed.step.kind === 'balloon') rejectTarget(vm, refOf(placed), message);
  else vm.operations.conclude(refOf(placed), 'rejected', { message });
  observeNow(vm);
}

/** Sends a step again if sending it twice has the same effect as once. */
function sendAgain(vm: Vm, placed: Placed): void {
  const { step } = placed;
  const ref = refOf(placed);
  if (step.kind === 'next-run') inTurn(vm, (options) => resumeNextRun(vm, placed, options));
  if (step.kind === 'stats-period') {
    inTurn(
      vm,
      (options) => sendStatsPeriod(vm, ref, options, { isRepeated: true }),
      () => {
        repeatWritesLater(vm);
      },
    );
  }
  if (step.kind !== 'balloon' || placed.operation.action !== 'balloon') return;
  // The metadata have the newest target: a step of another one was replaced before that could be written.
  if (carriedTarget(step.target, step.memory, vm) !== vm.balloonTarget) {
    vm.operations.apply(ref, 'replaced');
  } else if (vm.balloonWatch.see(balloonCurrent(vm.domain)).isOutside) {
    // The target was sent, and another program has moved the balloon since.
    vm.operations.conclude(ref, 'seen');
  } else void setTargetAgain(vm, ref);
}

/**
 * Handles a reboot of the guest within a run: requests sent to the former boot are sent again, and whether the guest
 * uses the plugged devices is unknown.
 */
export function rebooted(vm: Vm): void {
  vm.beginBoot();
  vm.pass('RebootInProgress');
  if (vm.isReadOnly) return;
  vm.timers.set('reboot', SETTLING, () => {
    const sent = sentSteps(vm);
    observeNow(vm, () => {
      for (const placed of sent) restart(vm, placed);
    });
    for (const placed of sent) if (placed.step.kind !== 'plug') resumeSent(vm, placed);
  });
}

/** One reset makes up to three reboot events in a row, as SeaBIOS resets the machine again. */
const SETTLING = Milliseconds(500);

/** Handles the restore of a saved guest, which continues with its devices and its operations. */
export function restored(vm: Vm): void {
  inTurn(vm, async (options) => {
    await observe(vm, options, () => {
      if (vm.isReadOnly) return;
      for (const { operation, index } of sentSteps(vm)) {
        vm.operations.apply({ id: operation.id, index }, 'resend', { sentAt: vm.operations.now });
      }
    });
    resume(vm);
  });
}

const sentSteps = (vm: Vm): readonly Placed<DeviceStep>[] =>
  vm.operations.openSteps.filter(
    (placed): placed is Placed<DeviceStep> =>
      isDeviceStep(placed.step) && placed.step.state === 'sent',
  );

function restart(vm: Vm, placed: Placed<DeviceStep>): void {
  const ref = refOf(placed);
  const step = vm.operations.step(ref);
  if (step?.state !== 'sent') return;
  if (step.kind !== 'plug') {
    const { now, boot } = vm.operations;
    vm.operations.apply(ref, 'resend', { sentAt: now, boot });
  } else if (step.isPresent) {
    applyFinding(vm, ref, unverified('the guest rebooted before it was seen to use it'));
  }
}

const needsRun = ({ action, steps }: Operation): boolean =>
  action === 'set-memory' &&
  steps.some((step) => isOpen(step) && (step.kind === 'balloon' || step.state === 'queued'));

const refOf = ({ operation, index }: Placed) => ({ id: operation.id, index });

function resumeSent(vm: Vm, placed: Placed<DeviceStep>): void {
  const { operation, step } = placed;
  const ref = refOf(placed);
  // A plug that the former process sent can still take effect. With an alias of vmemd it cannot take effect twice.
  const isRepeatable =
    step.kind !== 'plug' || (operation.action === 'set-memory' && !step.isPresent);
  if (!isRepeatable) {
    armDeadline(vm, ref);
    return;
  }
  inTurn(
    vm,
    async (options) => {
      await observe(vm, options);
      await sendStep(vm, ref, options, { fact: 'resend' });
    },
    () => {
      armDeadline(vm, ref);
    },
  );
}

async function resumeNextRun(vm: Vm, placed: Placed, options: CallOptions): Promise<void> {
  const { warnings } = await sendNextRun(vm, refOf(placed), options);
  for (const warning of warnings) vm.log.warn({ vmId: vm.id }, warning);
  repeatWritesLater(vm);
  await saveOrRetry(vm, options);
}

/** Runs `turn` on the VM's queue; a failure is logged, and handled by the deadlines or the next comparison. */
function inTurn(
  vm: Vm,
  turn: Parameters<Vm['queue']['run']>[0],
  onFailure: () => void = () => undefined,
): void {
  vm.queue.runToEnd(turn).catch((error: unknown) => {
    logFailure(vm, error, { text: 'a memory operation could not be resumed yet' });
    onFailure();
  });
}
