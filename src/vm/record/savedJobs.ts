import type { OvirtMetadata } from '../../domain-xml/types.ts';
import type { CallOptions } from '../../host/hypervisor.ts';
import type { Vm } from '../vm.ts';

/** Keeps the jobs in the metadata, so that a restart forgets none, and whatever else is to be kept. */
export const saveJobs = (vm: Vm, bound: CallOptions): Promise<void> =>
  vm.save(jobsToSave(vm), bound);

/** What of a VM's metadata its jobs change. */
export function jobsToSave(vm: Vm): OvirtMetadata {
  const there = new Set(vm.domain.memoryDevices.map(({ alias = '' }) => alias));
  const memoryJobs = vm.jobs.written(there);
  return memoryJobs === (vm.domain.metadata?.memoryJobs ?? '') ? {} : { memoryJobs };
}

/** Keeps the jobs when the operation that would have done it has run out of time. */
export function saveLater(vm: Vm): void {
  vm.queue
    .run((bound) => saveJobs(vm, bound))
    .catch((error: unknown) => {
      vm.log.warn({ vmId: vm.id, err: error }, 'a memory job could not be written down');
    });
}
