import { HypervisorError } from '../../host/hypervisor.ts';
import { Milliseconds } from '../../common/units.ts';
import { rebooted } from '../memory/resume.ts';
import { toVdsmError } from '../toVdsmError.ts';
import type { Vm } from '../vm.ts';
import { logFailure, saysGone } from '../logFailure.ts';

/** Suspends a running VM; does nothing for a paused one. Throws VMIsDown or UnexpectedError. */
export async function pause(vm: Vm): Promise<void> {
  vm.requireAlive();
  if (vm.isPaused) return;
  await vm.queue
    .run((options) => vm.hypervisor.suspendDomain(vm.id, options))
    .catch(toVdsmError('UnexpectedError'));
  vm.become({ phase: 'paused' });
}

/** Resumes a paused VM; does nothing for a running one. Throws UnexpectedError, also if the VM is Down. */
export async function cont(vm: Vm): Promise<void> {
  vm.requireAlive('UnexpectedError');
  if (!vm.isPaused) return;
  await vm.queue
    .run((options) => vm.hypervisor.resumeDomain(vm.id, options))
    .catch(toVdsmError('UnexpectedError'));
  vm.become({ phase: 'running' });
}

/** Resets a VM; throws NoSuchVM if it is Down (as VDSM does), or ResetError. */
export async function reset(vm: Vm): Promise<void> {
  vm.requireAlive('NoSuchVM');
  await vm.queue
    .run((options) => vm.hypervisor.resetDomain(vm.id, options))
    .catch(toVdsmError('ResetError'));
  // The event of the reset can be late.
  rebooted(vm);
}

export interface Shutdown {
  readonly reboot: boolean;
  /** Destroys the VM if it has not powered off after `timeout`. */
  readonly force: boolean;
  readonly timeout: Milliseconds;
}

/** Sends the guest a shutdown or reboot request; throws NoSuchVM if it is Down (as VDSM does), or UnexpectedError. */
export async function shutdown(vm: Vm, { reboot, force, timeout }: Shutdown): Promise<void> {
  vm.requireAlive('NoSuchVM');
  const { hypervisor, id } = vm;
  if (reboot) {
    await vm.queue
      .run((options) => hypervisor.rebootDomain(id, options))
      .catch(toVdsmError('UnexpectedError'));
    vm.pass('RebootInProgress');
    return;
  }
  await vm.queue
    .run((options) => hypervisor.shutdownDomain(id, options))
    .catch(toVdsmError('UnexpectedError'));
  vm.pass('Powering down');
  if (force) destroyLater(vm, timeout, RETRIES);
}

/** The time before a VM that did not power off is destroyed again after a failure, and the number of retries. */
const RETRY = Milliseconds(5000);
const RETRIES = 60;

/** Destroys a VM after `delay` if its run has not ended by then. */
function destroyLater(vm: Vm, delay: Milliseconds, retries: number): void {
  vm.timers.set('power off', delay, () => {
    stop(vm, true).catch((error: unknown) => {
      const isNews = retries === RETRIES || retries === 0;
      logFailure(vm, error, {
        text: 'the VM did not power off and could not be destroyed',
        level: isNews ? 'error' : 'debug',
      });
      if (retries > 0) destroyLater(vm, RETRY, retries - 1);
    });
  });
}

/**
 * Stops a VM's domain in any state, gracefully first on request, and undefines it unless another program created it.
 * Throws DestroyError. Of the VM's operations it waits only for the start, so that a hung guest can be destroyed too.
 */
export async function destroy(vm: Vm, gracefully: boolean): Promise<void> {
  const launch = vm.isLaunching ? vm.queue.run(() => Promise.resolve()) : Promise.resolve();
  await launch
    .then(() => stop(vm, gracefully))
    .then(() => (vm.isExternal ? undefined : vm.hypervisor.undefineDomain(vm.id)))
    .catch((error: unknown) => {
      if (!isGone(error)) throw error;
    })
    .catch(toVdsmError('DestroyError'));
}

/**
 * Destroys the domain, by force if the graceful attempt fails; succeeds if the domain ends by itself meanwhile. A VM that
 * is Down may run, if its start had no reply.
 */
async function stop(vm: Vm, gracefully: boolean): Promise<void> {
  const ran = runs(vm);
  await vm.hypervisor.destroyDomain(vm.id, { graceful: gracefully }).catch((error: unknown) => {
    if (saysGone(error) || (ran && !runs(vm))) return undefined;
    if (gracefully) return stop(vm, false);
    throw error;
  });
}

const runs = ({ isAlive }: Vm): boolean => isAlive;

const isGone = (error: unknown): boolean =>
  error instanceof HypervisorError && error.kind === 'no-domain';
