import schema from '../../schema/verbs/VM.setMemoryStatsPeriod.ts';
import { verb } from '../api/verb.ts';
import { setStatsPeriod } from '../vm/actions/statsPeriod.ts';

export default verb(schema, async ({ vmID, period }, { vms, flowId }) => {
  await setStatsPeriod(vms.get(vmID), period, flowId);
  return { code: 0, message: 'Done' } as const;
});
