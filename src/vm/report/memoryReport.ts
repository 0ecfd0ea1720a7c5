import { VdsmError } from '../../common/errors.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import type { Typed } from '../../common/typed.ts';
import { floorMiB, type Milliseconds } from '../../common/units.ts';
import { deviceState } from '../../memory/deviceState.ts';
import type { Operation } from '../../memory/operation.ts';
import type { ResizeChange } from '../../memory/resizePlan.ts';
import { changesOf, jobState, remarks } from '../../memory/wireState.ts';
import type { MemoryJob } from '../../../schema/memoryJob.ts';
import type memoryDevices from '../../../schema/verbs/VM.getMemoryDevices.ts';
import type setMemoryVerb from '../../../schema/verbs/VM.setMemory.ts';
import type { MemoryWish } from '../memory/checks.ts';
import type { Resizing } from '../memory/resizing.ts';
import type { Vm } from '../vm.ts';

/** Returns an operation on memory devices in the form of VM.getMemoryJob. */
export function describeJob(operation: Operation): Typed<typeof MemoryJob> {
  const { action } = operation;
  const message = remarks(operation).join('; ');
  return omitUndefined({
    job_id: operation.id,
    action: action === 'plug' || action === 'unplug' ? action : ('set-memory' as const),
    state: jobState(operation),
    flow_id: operation.flowId,
    started: isoTime(operation.startedAt),
    ended: operation.endedAt === undefined ? undefined : isoTime(operation.endedAt),
    requested_mib: operation.requested,
    expected_mib: operation.expected,
    guaranteed_mib: operation.guaranteed,
    message: message === '' ? undefined : message,
    changes: changesOf(operation),
  });
}

const isoTime = (time: Milliseconds): string => new Date(time).toISOString();

/** Returns the newest operation with that id, on the device with that alias, if given; throws InvalidParameter. */
export function findJob(
  vm: Vm,
  wanted: { readonly id?: string | undefined; readonly alias?: string | undefined },
): Operation {
  const { id, alias } = wanted;
  const jobs = vm.operations.published.operations
    .map((operation) => ({ operation, changes: changesOf(operation) }))
    .filter(({ changes }) => changes.length > 0);
  const found = jobs.findLast(
    ({ operation, changes }) =>
      (id === undefined || operation.id === id) &&
      (alias === undefined || changes.some((change) => change.alias === alias)),
  );
  if (found) return found.operation;
  const known = jobs.map(({ operation }) => operation.id).join(', ');
  throw new VdsmError(
    'InvalidParameter',
    `the VM has no such job on its memory; ${known === '' ? 'it has none in this run' : `it has ${known}`}`,
  );
}

/** Returns a VM's memory devices in the form of VM.getMemoryDevices. */
export const describeDevices = (vm: Vm): Typed<(typeof memoryDevices)['result']> =>
  vm.domain.memoryDevices.map((device) => {
    const { alias = '', address, virtioMem } = device;
    const { state, operation, message } = deviceState(vm.operations.published, device);
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
      job_id: operation?.id,
      message,
    });
  });

/** Returns the result of VM.setMemory. */
export function describeResizing(
  vm: Vm,
  { memory }: MemoryWish,
  { plan, warnings, nextRun, operationId }: Resizing,
): Typed<(typeof setMemoryVerb)['result']> {
  const operation = operationId === undefined ? undefined : vm.operations.get(operationId);
  return omitUndefined({
    memory_mib: floorMiB(vm.usableMemory),
    guaranteed_mib: vm.guaranteed && floorMiB(vm.guaranteed),
    requested_mib: memory,
    expected_mib: floorMiB(plan.after),
    plan: plan.changes.map(describeStep),
    next_run: nextRun,
    warnings,
    job: operation && describeJob(operation),
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
