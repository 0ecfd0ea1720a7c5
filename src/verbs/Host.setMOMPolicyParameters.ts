import schema from '../../schema/verbs/Host.setMOMPolicyParameters.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, async ({ key_value_store: parameters }, { mom }) => {
  await mom.setParameters(parameters);
  return true as const;
});
