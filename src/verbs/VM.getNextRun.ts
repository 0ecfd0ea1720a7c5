import schema from '../../schema/verbs/VM.getNextRun.ts';
import { verb } from '../api/verb.ts';
import { describeNextRun } from '../vm/actions/configureNextRun.ts';

export default verb(schema, ({ vmID }, { vms }) => describeNextRun(vms.get(vmID)));
