import schema from '../../schema/verbs/Events.unsubscribe.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, ({ events }, { peer: { subscriptions } }) => {
  for (const pattern of events ?? [...subscriptions.patterns]) subscriptions.remove(pattern);
  return [...subscriptions.patterns];
});
