import { writtenDecisions, writtenParameters } from '../decide/lines/decided.ts';
import { writtenRound } from '../decide/lines/writeRound.ts';
import type { PolicyRound } from '../loop/round.ts';

/**
 * Returns a round as a line of JSON: its figures as `vmemd decide` reads them, and what was decided. `nameOf` returns
 * the name for people of the VM with an id.
 */
export function traceLine(
  { number, at, mode, cause, parameters, host, guests, decisions, asked, momAborts }: PolicyRound,
  nameOf: (id: string) => string | undefined,
): string {
  const decided = {
    round: number,
    at: new Date(at).toISOString(),
    mode,
    cause,
    parameters: writtenParameters(parameters),
    decisions: writtenDecisions(decisions),
    asked: [...asked].map(([name, { target, outcome, reason }]) => ({
      name,
      target,
      outcome,
      reason,
    })),
    mom_aborts: momAborts,
  };
  return `${JSON.stringify({ ...writtenRound(host, guests, nameOf), decided })}\n`;
}
