import { Explanation } from '../explanation.ts';
import { object, UUID } from '../types.ts';

export default {
  summary: 'Why each balloon has its target',
  description:
    'Return what the policy has decided in its last round and why: the host, the parameters in force, and for each running VM, or the given one, its figures, what it needs, the rule, what limited it, the target, what it was last asked for, and a sentence for people. While the policy is off it decides on present figures, and changes nothing.',
  params: object({}, { vmID: UUID }),
  result: Explanation,
  since: '0.1.0',
  stability: 'experimental',
  access: 'read',
  changes: [],
  errors: ['NoSuchVM', 'UnexpectedError'],
  refusesUnknown: true,
} as const;
