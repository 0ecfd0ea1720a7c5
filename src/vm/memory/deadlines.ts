import type { DeviceStep } from '../../memory/operation.ts';
import { type Finding, UNREPORTED, unverified } from '../../memory/outcome.ts';
import { floorMiB, KiB, Milliseconds } from '../../common/units.ts';
import type { Vm } from '../vm.ts';

/** Returns the time until the deadline of a step that was sent. */
export function timeLeft(vm: Vm, step: DeviceStep): Milliseconds {
  const { now } = vm.operations;
  const time = step.kind === 'plug' ? timeToShow(vm) : vm.hotplugTimeouts.unplugTimeout;
  const left = (step.sentAt ?? now) + time - now;
  return Milliseconds(Math.min(time, Math.max(0, left)));
}

/** The time before a failed write is tried again: it doubles with each attempt, up to the longest. */
export const retryPause = (attempts: number): Milliseconds =>
  Milliseconds(Math.min(FIRST_PAUSE * 2 ** Math.max(0, attempts - 1), LONGEST_PAUSE));

const FIRST_PAUSE = 5000;
const LONGEST_PAUSE = 60_000;

/** Returns the time for a plugged device to show in the guest's total, including two reports and samples. */
function timeToShow(vm: Vm): Milliseconds {
  const period = vm.domain.balloon?.statsPeriod ?? 0;
  return Milliseconds(vm.hotplugTimeouts.onlineTimeout + 2000 * (period + vm.samplingInterval));
}

/** Returns the finding about a step whose deadline has passed. */
export function timedOut(vm: Vm, step: DeviceStep): Finding {
  switch (step.kind) {
    case 'plug':
      return vm.deviceOf(step) ?
          unverified(UNREPORTED)
        : { fact: 'deadline', message: 'the device is not there yet; it may still come' };
    case 'unplug':
      return {
        fact: 'deadline',
        message: `${vm.isPaused ? 'the VM is paused' : 'the guest has not answered'}; if it releases the device later, an event reports it`,
      };
    case 'resize': {
      const reached = floorMiB(vm.deviceOf(step)?.virtioMem?.current ?? KiB(0));
      return {
        fact: 'deadline',
        message: `the guest has reached ${String(reached)} MiB so far; it may still continue`,
      };
    }
  }
}
