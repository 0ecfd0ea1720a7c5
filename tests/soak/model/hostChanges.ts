import type { Model } from './model.ts';
import { between, oneOf, type Operation, type Random } from './operation.ts';

const MIB = 1024;

type Change = (model: Model, random: Random) => Operation | undefined;

const setPolicy: Change = (_model, random) => ({
  method: 'Host.setPolicy',
  params: {
    mode: oneOf(random, ['off', 'observe', 'act', 'act']),
    algorithm: oneOf(random, ['adaptive', 'mom']),
  },
});

const setMom: Change = (_model, random) => ({
  method: 'Host.setMOMPolicyParameters',
  params: { key_value_store: { balloonEnabled: random() < 0.5 } },
});

const reserve: Change = (model, random) => ({
  method: 'Host.reserveMemory',
  params: {
    amount: between(random, 1, 64) * 64 * MIB,
    deadline: between(random, 1, 3),
    for: 'soak',
    downTo: oneOf(random, ['used', 'guaranteed']),
    ...(random() < 0.5 && { hold: between(random, 1, 5) }),
  },
  learn(reply) {
    if (reply.kind !== 'result') return;
    model.reservations.add((reply.result as { reservationID: string }).reservationID);
  },
});

const release: Change = (model) => {
  const [reservationID] = model.reservations;
  if (reservationID === undefined) return undefined;
  model.reservations.delete(reservationID);
  return { method: 'Host.releaseMemory', params: { reservationID } };
};

/** A change of the whole host that is drawn. */
export function changeHost(model: Model, random: Random): Operation | undefined {
  if (!model.isShared) return undefined;
  model.isMoved = true;
  return oneOf(random, [setPolicy, setMom, reserve, reserve, release, release])?.(model, random);
}
