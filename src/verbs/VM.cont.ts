import schema from '../../schema/verbs/VM.cont.ts';
import { verb } from '../api/verb.ts';
import { cont } from '../vm/actions/power.ts';

export default verb(schema, async ({ vmID }, { vms }) => {
  await cont(vms.get(vmID));
  return { vmList: {} };
});
