import { statsGroup, type Client, type ParameterValue } from '../../libvirt/index.ts';
import type { CallOptions, DomainSummary } from '../hypervisor.ts';
import { domainStateOf } from './states.ts';

const whole = (value: ParameterValue | undefined): number =>
  typeof value === 'number' ? value : 0;

/** Lists all domains in one call, which waits for no guest. */
export async function listDomains(
  { control }: Client,
  options: CallOptions,
): Promise<DomainSummary[]> {
  const wanted = { stats: statsGroup.state, flags: 0 };
  const all = await control.getAllDomainStats([], wanted, options);
  return all.map(({ domain: { uuid, name }, values }) => ({
    uuid,
    name,
    state: domainStateOf(whole(values.get('state.state'))),
    reason: whole(values.get('state.reason')),
  }));
}
