import schema from '../../schema/verbs/Events.subscribe.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, ({ events = ['*'] }, { peer: { subscriptions } }) => {
  for (const pattern of events) subscriptions.add(pattern);
  return [...subscriptions.patterns];
});
