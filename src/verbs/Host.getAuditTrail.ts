import schema from '../../schema/verbs/Host.getAuditTrail.ts';
import { verb } from '../api/verb.ts';
import { ENTRIES } from '../overview/auditTrail.ts';

export default verb(schema, ({ count = ENTRIES }, { trail }) => trail.newest(count));
