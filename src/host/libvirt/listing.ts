import { listFlag, statsGroup, type Client, type ParameterValue } from '../../libvirt/index.ts';
import type { Bound, DomainSummary } from '../hypervisor.ts';
import { domainStateOf } from './states.ts';

const whole = (value: ParameterValue | undefined): number =>
  typeof value === 'number' ? value : 0;

/** Every domain in two calls, however many there are; neither waits for a guest. */
export async function listDomains({ control }: Client, bound: Bound): Promise<DomainSummary[]> {
  const [all, persistent] = await Promise.all([
    control.getAllDomainStats([], { stats: statsGroup.state, flags: 0 }, bound),
    control.listAllDomains(listFlag.persistent, bound),
  ]);
  const kept = new Set(persistent.map(({ uuid }) => uuid));
  return all.map(({ domain: { uuid, name }, values }) => ({
    uuid,
    name,
    state: domainStateOf(whole(values.get('state.state'))),
    reason: whole(values.get('state.reason')),
    persistent: kept.has(uuid),
  }));
}
