import { domainState } from '../../libvirt/index.ts';
import type { DomainState } from '../hypervisor.ts';

const states: ReadonlyMap<number, DomainState> = new Map<number, DomainState>([
  [domainState.running, 'running'],
  [domainState.blocked, 'running'],
  [domainState.paused, 'paused'],
  [domainState.shutdown, 'shutting-down'],
  [domainState.shutoff, 'shut-off'],
  [domainState.crashed, 'crashed'],
  [domainState.pmSuspended, 'pm-suspended'],
]);

/** Converts virDomainState; an unknown state counts as running, because libvirt lists such domains as active. */
export const domainStateOf = (state: number): DomainState => states.get(state) ?? 'running';
