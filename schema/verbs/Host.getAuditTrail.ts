import { AuditTrail, AuditTrailCount } from '../auditTrail.ts';
import { object } from '../types.ts';

export default {
  description:
    'Return the newest requests that changed something on this host or would have, of all VMs and of the host itself, newest first, as VM.getAuditTrail does of one VM.',
  params: object({}, AuditTrailCount),
  result: AuditTrail,
  since: '0.1.0',
  stability: 'experimental',
  access: 'read',
  changes: [],
  errors: [],
  refusesUnknown: true,
} as const;
