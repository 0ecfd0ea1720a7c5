import { writtenDecision, writtenParameters } from '../decide/lines/decided.ts';
import { writtenGuest, writtenHead } from '../decide/lines/writeRound.ts';
import type { PolicyRound } from '../loop/round.ts';

/**
 * Writes a round as a line of JSON, each VM as a piece: its figures as `vmemd decide` reads them, and what was decided.
 * `nameOf` returns the name for people of the VM with an id.
 */
export function* tracePieces(
  round: PolicyRound,
  nameOf: (id: string) => string | undefined,
): Iterable<string> {
  const { number, at, mode, cause, parameters, host, guests, decisions, asked, momAborts } = round;
  yield `${begun(writtenHead(host))},"guests":[`;
  yield* items(guests, (guest) => writtenGuest(guest, nameOf(guest.name)));
  const decided = {
    round: number,
    at: new Date(at).toISOString(),
    mode,
    cause,
    parameters: writtenParameters(parameters),
    mom_aborts: momAborts,
  };
  yield `],"decided":${begun(decided)},"decisions":[`;
  yield* items(decisions, writtenDecision);
  yield '],"asked":[';
  yield* items(asked, ([name, { target, outcome, reason }]) => ({ name, target, outcome, reason }));
  yield ']}}\n';
}

/** Returns the JSON of an object to which members are still to be added. */
const begun = (members: object): string => JSON.stringify(members).slice(0, -1);

function* items<T>(list: Iterable<T>, written: (item: T) => object): Iterable<string> {
  let before = '';
  for (const item of list) {
    yield before + JSON.stringify(written(item));
    before = ',';
  }
}
