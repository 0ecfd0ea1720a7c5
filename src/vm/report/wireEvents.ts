import { floorMiB, type Milliseconds } from '../../common/units.ts';
import { vmStats } from './vmStats.ts';
import { describeJob } from './memoryReport.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import { vdsmTime } from '../../common/time.ts';
import { freshnessOnWire } from './usage.ts';
import type { Vm } from '../vm.ts';
import type { VmEvent } from '../vmEvent.ts';

/** An event as it goes to clients: `|component|operation|id` and its params. */
export interface WireEvent {
  readonly method: string;
  readonly params: object;
}

/** What a VM's news look like on the wire (schema/events/). */
export function wireEvent(vm: Vm, news: VmEvent, staleAfter: Milliseconds): WireEvent {
  const [name, body] =
    news.kind === 'status' ?
      (['VM_status', vmStats(vm, staleAfter)] as const)
    : (['VM_memory', memoryNews(vm, news)] as const);
  return {
    method: `|virt|${name}|${vm.id}`,
    params: { [vm.id]: body, notify_time: vdsmTime(vm.clock) },
  };
}

function memoryNews(vm: Vm, news: Exclude<VmEvent, { kind: 'status' }>): object {
  if (news.kind === 'balloon-change') {
    return { event: news.kind, balloon_cur: String(news.current) };
  }
  if (news.kind === 'freshness') {
    return { event: news.kind, freshness: freshnessOnWire(news.freshness) };
  }
  if (news.kind === 'memory-job') {
    return {
      event: news.kind,
      job: describeJob(news.operation),
      memory_mib: floorMiB(vm.usableMemory),
      guaranteed_mib: floorMiB(vm.guaranteed),
    };
  }
  return omitUndefined({
    event: news.kind,
    alias: news.alias,
    size_mib: news.size === undefined ? undefined : floorMiB(news.size),
    memory_mib: floorMiB(vm.usableMemory),
    hash: vm.domain.devicesHash,
  });
}
