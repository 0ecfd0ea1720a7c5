import { VdsmError } from '../../common/errors.ts';
import { HypervisorError } from '../../host/hypervisor.ts';
import type { Milliseconds } from '../../common/units.ts';
import { toVdsmError } from '../toVdsmError.ts';
import type { Vm } from '../vm.ts';

/** Suspends a running VM; throws VMIsDown. A paused VM stays paused. */
export async function pause(vm: Vm): Promise<void> {
  vm.requireAlive();
  if (vm.isPaused) return;
  await vm.queue
    .run((bound) => vm.hypervisor.suspendDomain(vm.id, bound))
    .catch(toVdsmError('UnexpectedError'));
  vm.become({ phase: 'paused' });
}

/** Resumes a paused VM; throws UnexpectedError where there is nothing to resume. A running VM runs on. */
export async function cont(vm: Vm): Promise<void> {
  if (!vm.isAlive) {
    throw new VdsmError('UnexpectedError', `a VM that is ${vm.status} cannot be resumed`);
  }
  if (!vm.isPaused) return;
  await vm.queue
    .run((bound) => vm.hypervisor.resumeDomain(vm.id, bound))
    .catch(toVdsmError('UnexpectedError'));
  vm.become({ phase: 'running' });
}

/** Presses the reset button; throws NoSuchVM where the VM is Down (as VDSM does), or ResetError. */
export async function reset(vm: Vm): Promise<void> {
  if (!vm.isAlive) throw new VdsmError('NoSuchVM', `the VM is ${vm.status}, not running`);
  await vm.queue
    .run((bound) => vm.hypervisor.resetDomain(vm.id, bound))
    .catch(toVdsmError('ResetError'));
  vm.pass('RebootInProgress');
}

export interface Shutdown {
  readonly reboot: boolean;
  /** Destroys a VM that has not obeyed after `timeout`. */
  readonly force: boolean;
  readonly timeout: Milliseconds;
}

/** Asks the guest to power off or to restart; throws VMIsDown. */
export async function shutdown(vm: Vm, { reboot, force, timeout }: Shutdown): Promise<void> {
  vm.requireAlive();
  const { hypervisor, id, startedAt } = vm;
  if (reboot) {
    await vm.queue
      .run((bound) => hypervisor.rebootDomain(id, bound))
      .catch(toVdsmError('UnexpectedError'));
    vm.pass('RebootInProgress');
    return;
  }
  await vm.queue
    .run((bound) => hypervisor.shutdownDomain(id, bound))
    .catch(toVdsmError('UnexpectedError'));
  vm.pass('Powering down');
  if (force) {
    vm.clock.after(timeout, () => {
      if (vm.startedAt !== startedAt) return;
      stop(vm, true).catch((error: unknown) => {
        vm.log.error(
          { vmId: id, err: error },
          'the VM did not power off and could not be destroyed',
        );
      });
    });
  }
}

/**
 * Stops a VM's domain whatever state it is in, gracefully first if asked, and undefines it unless it was made by
 * somebody else; throws DestroyError. It waits for nothing that runs on the VM but its start: a hung guest has to go too.
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

/** Destroys the domain, by force where it does not go gracefully; one that ends by itself meanwhile is as welcome. */
async function stop(vm: Vm, gracefully: boolean): Promise<void> {
  if (!vm.isAlive) return;
  await vm.hypervisor.destroyDomain(vm.id, { graceful: gracefully }).catch((error: unknown) => {
    if (gracefully && !isGone(error)) return stop(vm, false);
    if (vm.isAlive) throw error;
  });
}

const isGone = (error: unknown): boolean =>
  error instanceof HypervisorError && error.kind === 'no-domain';
