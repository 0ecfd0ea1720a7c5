import schema from '../../schema/verbs/VM.pause.ts';
import { verb } from '../api/verb.ts';
import { pause } from '../vm/actions/power.ts';

export default verb(schema, async ({ vmID }, { vms }) => {
  await pause(vms.get(vmID));
  return { vmList: {} };
});
