import { VdsmError } from '../../common/errors.ts';
import type { Typed } from '../../common/typed.ts';
import { deviceState } from '../../memory/deviceState.ts';
import { type MemoryChange, type MemoryJob, stateOf } from '../../memory/jobs.ts';
import type { ResizeChange } from '../../memory/resizePlan.ts';
import { floorMiB, type Milliseconds } from '../../common/units.ts';
import type { MemoryJob as JobOnWire } from '../../../schema/memoryJob.ts';
import type memoryDevices from '../../../schema/verbs/VM.getMemoryDevices.ts';
import type setMemoryVerb from '../../../schema/verbs/VM.setMemory.ts';
import type { MemoryWish } from '../memory/checks.ts';
import type { Resizing } from '../memory/setMemory.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import type { Vm } from '../vm.ts';

/** A job as VM.getMemoryJob answers it. */
export const describeJob = (job: MemoryJob): Typed<typeof JobOnWire> =>
  omitUndefined({
    job_id: job.id,
    action: job.action,
    state: stateOf(job),
    flow_id: job.flowId,
    started: isoTime(job.startedAt),
    ended: job.endedAt === undefined ? undefined : isoTime(job.endedAt),
    requested_mib: job.requested,
    expected_mib: job.expected,
    guaranteed_mib: job.guaranteed,
    changes: job.changes.map(describeChange),
  });

const describeChange = ({ action, alias, size, state, attempts, message }: MemoryChange) =>
  omitUndefined({ action, alias, size_mib: floorMiB(size), state, attempts, message });

const isoTime = (time: Milliseconds): string => new Date(time).toISOString();

/** The job of that id, or the newest one, about the device of that alias maybe; throws InvalidParameter for none. */
export function findJob(
  vm: Vm,
  wanted: { readonly id?: string | undefined; readonly alias?: string | undefined },
): MemoryJob {
  const { id, alias } = wanted;
  const job = vm.jobs.told.findLast(
    (one) =>
      (id === undefined || one.id === id) &&
      (alias === undefined || one.changes.some((change) => change.alias === alias)),
  );
  if (job) return job;
  const known = vm.jobs.told.map((one) => one.id).join(', ');
  throw new VdsmError(
    'InvalidParameter',
    `the VM has no such job on its memory; ${known === '' ? 'it has none in this run' : `it has ${known}`}`,
  );
}

/** A VM's memory devices as VM.getMemoryDevices answers them. */
export const describeDevices = (vm: Vm): Typed<(typeof memoryDevices)['result']> =>
  vm.domain.memoryDevices.map((device) => {
    const { alias = '', address, virtioMem } = device;
    const { state, job, message } = deviceState(vm.jobs.told, device);
    return omitUndefined({
      model: device.model,
      alias,
      size_mib: floorMiB(device.size),
      node: device.node,
      slot: address?.slot,
      base: address?.base,
      block_mib: virtioMem && floorMiB(virtioMem.block),
      requested_mib: virtioMem && floorMiB(virtioMem.requested),
      current_mib: virtioMem && floorMiB(virtioMem.current),
      state,
      job_id: job?.id,
      message,
    });
  });

/** What VM.setMemory answers. */
export function describeResizing(
  vm: Vm,
  { memory }: MemoryWish,
  { plan, warnings, nextRun, jobId }: Resizing,
): Typed<(typeof setMemoryVerb)['result']> {
  const job = jobId === undefined ? undefined : vm.jobs.get(jobId);
  return omitUndefined({
    memory_mib: floorMiB(vm.usableMemory),
    guaranteed_mib: floorMiB(vm.guaranteed),
    requested_mib: memory,
    expected_mib: floorMiB(plan.after),
    plan: plan.changes.map(describeStep),
    next_run: nextRun,
    warnings,
    job: job && describeJob(job),
  });
}

function describeStep(step: ResizeChange) {
  const { action } = step;
  switch (action) {
    case 'plug':
      return { action, size_mib: floorMiB(step.size) };
    case 'unplug':
      return { action, alias: step.alias, size_mib: floorMiB(step.size) };
    case 'resize':
      return {
        action,
        alias: step.alias,
        from_mib: floorMiB(step.from),
        size_mib: floorMiB(step.to),
      };
  }
}
