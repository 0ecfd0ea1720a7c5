import schema from '../../schema/verbs/VM.setNextRun.ts';
import { verb } from '../api/verb.ts';
import { configureNextRun } from '../vm/actions/configureNextRun.ts';

export default verb(schema, ({ vmID, ...size }, { vms }) => configureNextRun(vms.get(vmID), size));
