import schema from '../../schema/verbs/VM.setCpuTuneQuota.ts';
import { verb } from '../api/verb.ts';
import { setCpuTune } from '../vm/actions/cpuTune.ts';

export default verb(schema, async ({ vmID, quota }, { vms }) => {
  await setCpuTune(vms.get(vmID), { quota });
  return { code: 0, message: 'Done' } as const;
});
