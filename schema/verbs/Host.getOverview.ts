import { HostOverview, VmOverview } from '../overview.ts';
import { array, boolean, object, text, UUID } from '../types.ts';

export default {
  description:
    'Return the host and all its VMs at a glance: memory, what is promised and what could be freed, the policy, and for each VM its sizes, the freshness of its figures, running jobs, and warnings in words. With since, the revision of an earlier result, vms has only those that have changed since then, by more than the age of their reports, and gone those that are no longer there; complete says whether vms has all. access is the class of the client.',
  params: object({}, { since: text }),
  result: object(
    {
      revision: text,
      time: text,
      complete: boolean,
      access: { enum: ['read', 'operate', 'admin'] },
      host: HostOverview,
      vms: array(VmOverview),
    },
    { gone: array(UUID) },
  ),
  since: '0.1.0',
  stability: 'experimental',
  access: 'read',
  changes: [],
  errors: [],
  refusesUnknown: true,
} as const;
