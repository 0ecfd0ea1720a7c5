import schema from '../../schema/verbs/VM.getMeters.ts';
import { verb } from '../api/verb.ts';
import { meters } from '../vm/report/usage.ts';

export default verb(schema, ({ vmID }, { vms }) => meters(vms.get(vmID)));
