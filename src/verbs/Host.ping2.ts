import schema from '../../schema/verbs/Host.ping2.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, (_, { mom, peer }) => {
  mom.greet(peer);
  return true as const;
});
