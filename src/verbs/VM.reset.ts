import schema from '../../schema/verbs/VM.reset.ts';
import { verb } from '../api/verb.ts';
import { reset } from '../vm/actions/power.ts';

export default verb(schema, async ({ vmID }, { vms }) => {
  await reset(vms.get(vmID));
  return true as const;
});
