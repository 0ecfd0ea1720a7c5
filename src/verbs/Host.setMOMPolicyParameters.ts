import schema from '../../schema/verbs/Host.setMOMPolicyParameters.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, async ({ key_value_store: parameters }, { mom, policy }) => {
  await mom.setParameters(parameters);
  if (!mom.isConfigured) await policy.setEngineWish(parameters);
  return true as const;
});
