import schema from '../../schema/verbs/VM.getStats.ts';
import { verb } from '../api/verb.ts';
import { vmStats } from '../vm/report/vmStats.ts';

export default verb(schema, ({ vmID }, { vms }) => [vmStats(vms.get(vmID))]);
