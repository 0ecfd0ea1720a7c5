import schema from '../../schema/verbs/VM.updateVmPolicy.ts';
import { verb } from '../api/verb.ts';
import { updatePolicy } from '../vm/actions/cpuTune.ts';

export default verb(schema, async ({ vmID, params }, { vms }) => {
  await updatePolicy(vms.get(vmID), params);
  return { code: 0, message: 'Done' } as const;
});
