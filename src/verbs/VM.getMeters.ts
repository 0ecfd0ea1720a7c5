import schema from '../../schema/verbs/VM.getMeters.ts';
import { verb } from '../api/verb.ts';
import { meters } from '../vm/report/usage.ts';

export default verb(schema, ({ vmID }, { vms }) => Promise.resolve(meters(vms.get(vmID))));
