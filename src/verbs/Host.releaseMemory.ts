import schema from '../../schema/verbs/Host.releaseMemory.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, async ({ reservationID }, { reservations }) => {
  const { amount } = await reservations.release(reservationID);
  return { code: 0 as const, message: 'Done' as const, released_kib: amount };
});
