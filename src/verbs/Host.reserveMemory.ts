import schema from '../../schema/verbs/Host.reserveMemory.ts';
import { verb } from '../api/verb.ts';
import { Seconds } from '../common/units.ts';
import { describeReservation } from '../policy/reservations/describe.ts';

/** How long guests have to free what is lacking unless a client says so, in seconds. */
const DEADLINE = Seconds(60);

export default verb(schema, async (params, context) => {
  const { reservations, signal } = context;
  const { amount, deadline = DEADLINE, downTo = 'used', hold } = params;
  context.note({ taken: { deadline, downTo } });
  const wish = { amount, deadline, for: params.for, depth: downTo, hold };
  const { reservation, freed } = await reservations.reserve(wish, signal);
  return { ...describeReservation({ ...reservation, left: amount }), freed_kib: freed };
});
