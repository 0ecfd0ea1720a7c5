import schema from '../../schema/verbs/Host.setMOMPolicy.ts';
import { messageOf } from '../common/messageOf.ts';
import { VdsmError } from '../common/errors.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, async ({ policy }, { mom }) => {
  await mom.setPolicy(policy).catch((cause: unknown) => {
    throw new VdsmError('MomPolicyError', messageOf(cause), { cause });
  });
  return true as const;
});
