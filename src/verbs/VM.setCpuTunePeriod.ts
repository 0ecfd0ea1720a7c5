import schema from '../../schema/verbs/VM.setCpuTunePeriod.ts';
import { verb } from '../api/verb.ts';
import { setCpuTune } from '../vm/actions/cpuTune.ts';

export default verb(schema, async ({ vmID, period }, { vms }) => {
  await setCpuTune(vms.get(vmID), { period });
  return { code: 0, message: 'Done' } as const;
});
