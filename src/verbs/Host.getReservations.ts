import schema from '../../schema/verbs/Host.getReservations.ts';
import { verb } from '../api/verb.ts';
import { describeReservation } from '../policy/reservations/describe.ts';

export default verb(schema, async (_, { reservations }) => {
  return (await reservations.list()).map(describeReservation);
});
