import { floorMiB } from '../../common/units.ts';
import { vmStats } from './vmStats.ts';
import { describeJob } from './memoryReport.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import { vdsmTime } from '../../common/time.ts';
import { freshnessOnWire } from './usage.ts';
import type { Vm } from '../vm.ts';
import type { VmEvent } from '../vmEvent.ts';

/** An event in the form that clients receive: `|component|operation|id` and its params. */
export interface WireEvent {
  readonly method: string;
  readonly params: object;
}

/** Returns a VM's event in the form that clients receive (schema/events/). */
export function wireEvent(vm: Vm, event: VmEvent): WireEvent {
  const [name, body] =
    event.kind === 'status' ?
      (['VM_status', vmStats(vm)] as const)
    : (['VM_memory', memoryEvent(vm, event)] as const);
  return {
    method: `|virt|${name}|${vm.id}`,
    params: { [vm.id]: body, notify_time: vdsmTime(vm.clock) },
  };
}

function memoryEvent(vm: Vm, event: Exclude<VmEvent, { kind: 'status' }>): object {
  if (event.kind === 'balloon-change') {
    return { event: event.kind, balloon_cur: String(event.current) };
  }
  if (event.kind === 'balloon-moved-outside') {
    const { current, floor, isBelowFloor } = event;
    return {
      event: event.kind,
      balloon_cur: String(current),
      balloon_min: String(floor),
      below_min: isBelowFloor,
    };
  }
  if (event.kind === 'freshness') {
    return { event: event.kind, freshness: freshnessOnWire(event.freshness) };
  }
  if (event.kind === 'balloon-silent') {
    return omitUndefined({
      event: event.kind,
      silent: event.isSilent,
      freshness: freshnessOnWire(event.freshness),
      balloon_cur: event.current === undefined ? undefined : String(event.current),
    });
  }
  if (event.kind === 'memory-job') {
    return omitUndefined({
      event: event.kind,
      job: describeJob(event.operation),
      memory_mib: floorMiB(vm.usableMemory),
      guaranteed_mib: vm.guaranteed && floorMiB(vm.guaranteed),
    });
  }
  return omitUndefined({
    event: event.kind,
    alias: event.alias,
    size_mib: event.size === undefined ? undefined : floorMiB(event.size),
    memory_mib: floorMiB(vm.usableMemory),
    hash: vm.domain.devicesHash,
  });
}
