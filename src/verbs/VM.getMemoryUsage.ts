import schema from '../../schema/verbs/VM.getMemoryUsage.ts';
import { verb } from '../api/verb.ts';
import { describeUsage } from '../vm/report/usage.ts';

export default verb(schema, ({ vmID }, { vms }) => describeUsage(vms.get(vmID)));
