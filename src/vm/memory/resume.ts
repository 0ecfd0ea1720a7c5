import {
  type DeviceStep,
  isDeviceStep,
  type Operation,
  type Placed,
} from '../../memory/operation.ts';
import { unverified } from '../../memory/outcome.ts';
import { isOpen } from '../../memory/transition.ts';
import type { CallOptions } from '../../host/hypervisor.ts';
import type { Vm } from '../vm.ts';
import { observe, settle } from './commit.ts';
import { applyFinding } from './look.ts';
import { sendNextRun } from './nextRun.ts';
import { run, setTargetAgain } from './run.ts';
import { armDeadline, isArmed, sendStep } from './runner.ts';
import { sendStatsPeriod } from './sendStatsPeriod.ts';

/** Continues this process's unfinished operations; the outcome of the steps that were sent is unknown. */
export function resume(vm: Vm): void {
  for (const placed of sentSteps(vm)) resumeSent(vm, placed);
  for (const placed of vm.operations.openSteps) sendAgain(vm, placed);
  for (const operation of vm.operations.operations) {
    if (vm.operations.isOwn(operation.id) && needsRun(operation)) void run(vm, operation.id);
  }
}

/** Retries steps that could not be observed or sent while the hypervisor was unreachable or refused a write. */
export function resumeLost(vm: Vm): void {
  for (const placed of sentSteps(vm)) {
    if (!isArmed(vm, refOf(placed))) armDeadline(vm, refOf(placed));
  }
  for (const placed of vm.operations.openSteps) {
    if (placed.step.attempts < ATTEMPTS) sendAgain(vm, placed);
    else if (!isDeviceStep(placed.step)) giveUp(vm, placed);
  }
}

/** How often a step that writes is sent, once each time all VMs are compared with the hypervisor. */
const ATTEMPTS = 20;

function giveUp(vm: Vm, placed: Placed): void {
  const message = `it failed ${String(ATTEMPTS)} times`;
  vm.log.error({ vmId: vm.id, kind: placed.step.kind }, `a step of a memory operation: ${message}`);
  vm.operations.apply(refOf(placed), 'rejected', { message });
}

/** Sends a step again if sending it twice has the same effect as once. */
function sendAgain(vm: Vm, placed: Placed): void {
  const { step } = placed;
  const ref = refOf(placed);
  if (step.kind === 'next-run') inTurn(vm, (options) => resumeNextRun(vm, placed, options));
  if (step.kind === 'stats-period') inTurn(vm, (options) => sendStatsPeriod(vm, ref, options));
  if (isTargetAlone(placed)) void setTargetAgain(vm, ref);
}

/** Returns whether the step is the target of VM.setBalloonTarget. */
const isTargetAlone = ({ operation, step }: Placed): boolean =>
  step.kind === 'balloon' && operation.action === 'balloon';

/**
 * Handles a reboot of the guest within a run: requests sent to the former boot are sent again, and whether the guest
 * uses the plugged devices is unknown.
 */
export function rebooted(vm: Vm): void {
  inTurn(vm, (options) =>
    observe(vm, options, () => {
      vm.operations.countBoot();
      for (const placed of sentSteps(vm)) restart(vm, placed);
    }),
  );
  for (const placed of sentSteps(vm)) if (placed.step.kind !== 'plug') resumeSent(vm, placed);
}

/** Handles the restore of a saved guest, which continues with its devices and its operations. */
export function restored(vm: Vm): void {
  inTurn(vm, async (options) => {
    await observe(vm, options, () => {
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

function restart(vm: Vm, { operation, index, step }: Placed<DeviceStep>): void {
  const ref = { id: operation.id, index };
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
  await settle(vm, options);
}

/** Runs `turn` on the VM's queue; a failure is logged, and handled by the deadlines or the next comparison. */
function inTurn(
  vm: Vm,
  turn: Parameters<Vm['queue']['run']>[0],
  onFailure: () => void = () => undefined,
): void {
  vm.queue.run(turn).catch((error: unknown) => {
    vm.log.warn({ vmId: vm.id, err: error }, 'a memory operation could not be resumed yet');
    onFailure();
  });
}
