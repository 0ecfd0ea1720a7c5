import { memoryDeviceXml } from '../../domain-xml/memoryDevice.ts';
import { type CallOptions, HypervisorError } from '../../host/hypervisor.ts';
import { isOpen, type MemoryChange } from '../../memory/jobs.ts';
import { type Outcome, UNTOLD, WHY_KEPT } from '../../memory/outcome.ts';
import { floorMiB, KiB, Milliseconds } from '../../common/units.ts';
import { follow } from './devices.ts';
import { compareTotals, onlineDeadline } from './onlineWatch.ts';
import { saveJobs, saveLater } from '../record/savedJobs.ts';
import type { Vm } from '../vm.ts';

/** How soon is tried again what could not even be asked. */
export const RETRY = Milliseconds(5000);

/**
 * Asks the guest for one change of a job, within an operation; what becomes of it is noted whenever that is known.
 * Throws what the hypervisor says against it.
 */
export async function ask(vm: Vm, id: string, alias: string, bound: CallOptions): Promise<void> {
  const change = vm.jobs.changeOf(id, alias);
  if (!change || !isOpen(change)) return;
  const attempts = change.attempts + 1;
  if (change.action === 'plug') compareTotals(vm);
  vm.jobs.carryOn(id, alias, { state: 'requested', attempts, askedAt: vm.jobs.now });
  await pursue(vm, id, change, bound);
}

/** Repeats, as nobody knows if it was heard or answered, what was asked for before a restart: the same attempt still. */
export async function askAgain(
  vm: Vm,
  id: string,
  alias: string,
  bound: CallOptions,
): Promise<void> {
  const change = vm.jobs.changeOf(id, alias);
  if (!change || !isOpen(change)) return;
  if (change.action === 'plug') compareTotals(vm);
  await pursue(vm, id, change, bound);
}

/** Makes a catch handler for where the job tells all that clients need to know. */
export const logFailure =
  (vm: Vm, alias: string) =>
  (error: unknown): void => {
    vm.log.debug({ vmId: vm.id, alias, err: error }, 'a change of memory failed');
  };

async function pursue(vm: Vm, id: string, change: MemoryChange, bound: CallOptions): Promise<void> {
  const { alias } = change;
  const failure = await attempt(vm, change, bound);
  await follow(vm, bound).catch((error: unknown) => {
    vm.log.warn({ vmId: vm.id, alias, err: error }, 'what became of the device could not be read');
  });
  armDeadline(vm, id, alias);
  if (!failure || isDone(vm, id, alias)) return;
  const now = vm.jobs.changeOf(id, alias);
  const end = endAfter(change, failure);
  if (now && isOpen(now) && end) {
    vm.jobs.carryOn(id, alias, end);
    await saveJobs(vm, bound).catch(() => saveLater(vm));
  }
  throw failure;
}

/** What is there, or gone, speaks louder than an error. */
function isDone(vm: Vm, id: string, alias: string): boolean {
  const change = vm.jobs.changeOf(id, alias);
  if (change?.action === 'plug') return vm.deviceOf(change) !== undefined;
  return change?.state === 'removed' || change?.state === 'reached';
}

/** Asks, once it is written down, as whatever is asked must not be forgotten; answers what went wrong. */
async function attempt(
  vm: Vm,
  change: MemoryChange,
  bound: CallOptions,
): Promise<Error | undefined> {
  try {
    await saveJobs(vm, bound).catch(neverAsked);
    await request(vm, change, bound);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function request(vm: Vm, change: MemoryChange, bound: CallOptions): Promise<void> {
  const { hypervisor, id } = vm;
  const { action, alias, size, node = 0 } = change;
  switch (action) {
    case 'unplug':
      return hypervisor.detachDevice(id, alias, bound);
    case 'resize':
      return hypervisor.requestDeviceMemory(id, alias, size, bound);
    case 'plug':
      // Asked for before a restart, and done.
      if (vm.deviceOf(change)) return Promise.resolve();
      return hypervisor.attachDevice(id, memoryDeviceXml({ size, node, alias }), bound);
  }
}

/** What could not be written down was not asked for. */
function neverAsked(cause: unknown): never {
  if (!mayStillHappen(cause)) throw cause;
  throw new HypervisorError('failed', (cause as Error).message, { cause });
}

/** How a change has ended that failed so; undefined where it, or what was asked for before, may still come to pass. */
function endAfter(
  { action, attempts, repeats }: MemoryChange,
  failure: Error,
): Outcome | undefined {
  const { message } = failure;
  if (action === 'unplug' && failure instanceof HypervisorError && failure.kind === 'refused') {
    return { state: 'refused', message: `${message}; ${WHY_KEPT}` };
  }
  const isFirst = attempts === 0 && !repeats;
  return isFirst && !mayStillHappen(failure) ? { state: 'failed', message } : undefined;
}

/** What merely took too long, or was cut off, may have reached the guest all the same. */
export const mayStillHappen = (error: unknown): boolean =>
  error instanceof HypervisorError && ['timed-out', 'unreachable'].includes(error.kind);

/** Decides in time on a change that was asked for and has not ended. */
export function armDeadline(vm: Vm, id: string, alias: string): void {
  const change = vm.jobs.changeOf(id, alias);
  if (change?.state !== 'requested' || change.askedAt === undefined) return;
  const wait = change.action === 'plug' ? onlineDeadline(vm) : vm.hotplugTimeouts.unplugTimeout;
  const left = change.askedAt + wait - vm.jobs.now;
  armAfter(vm, id, alias, Milliseconds(Math.min(wait, Math.max(0, left))));
}

function armAfter(vm: Vm, id: string, alias: string, delay: Milliseconds): void {
  vm.jobs.arm(id, alias, delay, () => {
    vm.queue
      .run((bound) => atDeadline(vm, id, alias, bound))
      .catch((error: unknown) => {
        vm.log.warn({ vmId: vm.id, alias, err: error }, 'a memory job is looked at again later');
        if (vm.jobs.changeOf(id, alias)?.state === 'requested') armAfter(vm, id, alias, RETRY);
      });
  });
}

/** The guest has not answered in time: it is asked again as often as it may be, then that is the outcome. */
async function atDeadline(vm: Vm, id: string, alias: string, bound: CallOptions): Promise<void> {
  await follow(vm, bound);
  const change = vm.jobs.changeOf(id, alias);
  if (change?.state !== 'requested') return;
  if (change.action !== 'plug' && change.attempts < vm.hotplugTimeouts.unplugAttempts) {
    await ask(vm, id, alias, bound).catch((error: unknown) => {
      vm.log.warn({ vmId: vm.id, alias, err: error }, 'the guest could not be asked again');
    });
    return;
  }
  vm.jobs.carryOn(id, alias, timedOut(vm, change));
  await saveJobs(vm, bound);
}

function timedOut(vm: Vm, change: MemoryChange): Partial<MemoryChange> {
  switch (change.action) {
    case 'plug':
      return vm.deviceOf(change) ?
          { state: 'unverified', message: UNTOLD }
        : { state: 'failed', message: 'the device is not there' };
    case 'unplug':
      return {
        state: 'timed-out',
        message: `${vm.isPaused ? 'the VM is paused' : 'the guest has not answered'}; if it gives the device back later, that is told`,
      };
    case 'resize': {
      const reached = floorMiB(vm.deviceOf(change)?.virtioMem?.current ?? KiB(0));
      return {
        state: 'timed-out',
        message: `the guest has got to ${String(reached)} MiB so far; it may go on`,
      };
    }
  }
}
