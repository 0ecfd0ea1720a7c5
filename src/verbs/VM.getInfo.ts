import schema from '../../schema/verbs/VM.getInfo.ts';
import { verb } from '../api/verb.ts';
import { vmEntry } from '../vm/report/vmStats.ts';

export default verb(schema, ({ vmID }, { vms }) => vmEntry(vms.get(vmID)));
