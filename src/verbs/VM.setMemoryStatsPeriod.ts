import schema from '../../schema/verbs/VM.setMemoryStatsPeriod.ts';
import { verb } from '../api/verb.ts';
import { setStatsPeriod } from '../vm/actions/statsPeriod.ts';

export default verb(schema, async ({ vmID, period }, { vms }) => {
  await setStatsPeriod(vms.get(vmID), period);
  return { code: 0, message: 'Done' } as const;
});
