import type { PolicyParameters } from '../decide/decide.ts';
import { type Decided, decidedOf } from '../decide/lines/decided.ts';
import type { Fields } from '../decide/lines/names.ts';
import { parametersAfter } from '../decide/lines/parameters.ts';
import { readFields, type RoundLine, roundOf } from '../decide/lines/roundLine.ts';

/** A recorded round: its figures, and what was decided then, if the line says so. */
export interface TraceRound extends Pick<RoundLine, 'host' | 'guests'> {
  readonly decided: Decided | undefined;
  /** The parameters that were in force. */
  readonly inForce: PolicyParameters;
  /** Names of guests for people, by their names in the round. */
  readonly labels: ReadonlyMap<string, string>;
}

/** Reads a line of a trace, or of `vmemd decide`; `before` are the parameters of the round before. Throws `LineError`. */
export function readTraceRound(text: string, before: PolicyParameters): TraceRound {
  const line = readFields(text);
  const { host, guests, parameters } = roundOf(line);
  const decided = decidedOf(line);
  const inForce = decided?.parameters ?? parametersAfter(before, parameters);
  return { host, guests, decided, inForce, labels: labelsOf(line) };
}

function labelsOf({ guests }: Fields): ReadonlyMap<string, string> {
  const named = Array.isArray(guests) ? (guests as readonly Fields[]) : [];
  return new Map(
    named.flatMap(({ name, vm_name: label }) =>
      typeof label === 'string' ? [[String(name), label]] : [],
    ),
  );
}
