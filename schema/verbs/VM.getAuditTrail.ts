import { AuditTrail, AuditTrailCount } from '../auditTrail.ts';
import { object, UUID } from '../types.ts';

export default {
  description:
    'Return the newest requests that changed this VM or would have, newest first: who asked for what and when, the values before and after, and the outcome; also for some time after the VM was destroyed. The log has all of them.',
  params: object({ vmID: UUID }, AuditTrailCount),
  result: AuditTrail,
  since: '0.1.0',
  stability: 'experimental',
  access: 'read',
  changes: [],
  errors: ['NoSuchVM'],
  refusesUnknown: true,
} as const;
