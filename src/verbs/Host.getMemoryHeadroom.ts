import schema from '../../schema/verbs/Host.getMemoryHeadroom.ts';
import { verb } from '../api/verb.ts';
import { describeHeadroom } from '../policy/reservations/describe.ts';

export default verb(schema, async (_, { reservations }) => {
  return describeHeadroom(await reservations.account(), reservations.held);
});
