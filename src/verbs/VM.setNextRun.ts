import schema from '../../schema/verbs/VM.setNextRun.ts';
import { verb } from '../api/verb.ts';
import { configureNextRun } from '../vm/actions/configureNextRun.ts';

export default verb(schema, async ({ vmID, ...size }, context) => {
  const { before, after } = await configureNextRun(context.vms.get(vmID), size);
  context.note({ before: { next_run: before }, after: { next_run: after } });
  return after;
});
