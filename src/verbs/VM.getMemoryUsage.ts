import schema from '../../schema/verbs/VM.getMemoryUsage.ts';
import { verb } from '../verb.ts';
import { describeUsage } from '../vm/usage.ts';

export default verb(schema, ({ vmID }, { vms }) => Promise.resolve(describeUsage(vms.get(vmID))));
