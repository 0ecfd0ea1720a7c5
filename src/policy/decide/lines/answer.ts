import { decide, type PolicyMemory, type PolicyParameters } from '../decide.ts';
import { sentenceOf } from '../sentence/sentence.ts';
import { LineError } from './names.ts';
import { parametersAfter } from './parameters.ts';
import { readRound } from './roundLine.ts';

/** What is kept from one line to the next: what a loop would remember. */
export interface LineState {
  readonly parameters: PolicyParameters;
  readonly memory: PolicyMemory;
}

export const firstState = (parameters: PolicyParameters): LineState => ({ parameters, memory: {} });

/**
 * Answers one line, a round's figures in JSON, with one line: the decisions and their reasons, in KiB. A line that
 * cannot be read is answered with `error`, and changes nothing.
 */
export function answerLine(
  text: string,
  state: LineState,
): { readonly answer: string; readonly state: LineState; readonly hasFailed: boolean } {
  try {
    const { host, guests, parameters: given } = readRound(text);
    const parameters = parametersAfter(state.parameters, given);
    const outcome = decide(host, guests, parameters, state.memory);
    const { decisions, hostReason, memory, momAborts } = outcome;
    const current = new Map(guests.map((guest) => [guest.name, guest.current]));
    const answer = {
      version: 1,
      time: host.time,
      algorithm: parameters.algorithm,
      host: hostReason,
      decisions: decisions.map((decision) => {
        const told = { current: current.get(decision.name), host: hostReason };
        return { ...decision, sentence: sentenceOf(decision, told) };
      }),
      ...(momAborts !== undefined && { mom_aborts: momAborts }),
    };
    return { answer: JSON.stringify(answer), state: { parameters, memory }, hasFailed: false };
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    return { answer: JSON.stringify({ version: 1, error: error.message }), state, hasFailed: true };
  }
}
