import schema from '../../schema/verbs/VM.destroy.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, async ({ vmID, gracefulAttempts = 1 }, context) => {
  context.note({ taken: { gracefulAttempts } });
  await context.vms.destroy(vmID, gracefulAttempts > 0);
  return true as const;
});
