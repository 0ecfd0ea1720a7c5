import { CallFailedError } from '../../../../src/client/index.ts';
import type { Guest } from '../../../live/guest.ts';
import type { Answer } from '../../../simulation/judgement.ts';
import type { LiveHost } from '../liveHost.ts';

/** A host, and what chooses the requests: numbers from 0 to below 1. */
export interface Stage {
  readonly host: LiveHost;
  /** A booted guest, which the requests change. */
  readonly guest: Guest;
  /** One without an operating system, which they do not. */
  readonly bare: Guest;
  readonly random: () => number;
}

/** A request in which vmemd is killed, and the judgement on what has become of it. */
export interface Blow {
  readonly send: () => Promise<unknown>;
  /** Returns what is wrong; called again while anything is, as work goes on after the start. */
  readonly judge: (answer: Answer) => Promise<readonly string[]>;
}

/** Prepares a request of one kind. */
export type Kind = (stage: Stage) => Promise<Blow>;

/** One of `from` to `to`, both possible. */
export const between = ({ random }: Stage, from: number, to: number): number =>
  from + Math.floor(random() * (to - from + 1));

/** How a request ended for its client. */
export const answerOf = (request: Promise<unknown>): Promise<Answer> =>
  request.then(
    () => 'accepted',
    (error: unknown) => (error instanceof CallFailedError ? 'failed' : 'none'),
  );

/** Returns the names of the checks that fail. */
export const failing = (checks: Readonly<Record<string, boolean>>): string[] =>
  Object.entries(checks).flatMap(([what, isRight]) => (isRight ? [] : [what]));
