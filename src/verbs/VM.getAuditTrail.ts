import schema from '../../schema/verbs/VM.getAuditTrail.ts';
import { verb } from '../api/verb.ts';
import { ENTRIES } from '../overview/auditTrail.ts';

export default verb(schema, ({ vmID, count = ENTRIES }, { trail, vms }) => {
  const id = trail.knows(vmID.toLowerCase()) ? vmID.toLowerCase() : vms.get(vmID).id;
  return trail.newest(count, id);
});
