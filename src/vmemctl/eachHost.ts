import { CommandError, Exit } from './exit.ts';
import { failureOf } from './failure.ts';
import type { Host, Session } from './session.ts';

/** What several hosts answered. */
export interface Answers<T> {
  readonly answered: readonly { readonly host: Host; readonly value: T }[];
  readonly values: readonly T[];
  /** For --json: the answer of one host as it is, of several as a list with each host's name and its answer or error. */
  readonly json: unknown;
  readonly failed: number;
}

/**
 * Asks every host at the same time. What goes wrong with one is printed as it comes and hides no other; if it is the only
 * one, or all fail, the first error is thrown. `json`: what of an answer is printed with --json.
 */
export async function eachHost<T>(
  session: Session,
  work: (host: Host) => Promise<T>,
  { json: jsonOf = (value: T): unknown => value } = {},
): Promise<Answers<T>> {
  const { hosts } = session;
  const outcomes = await Promise.allSettled(hosts.map(work));
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
  const [firstFailure] = failures;
  if (hosts.length === 1 && firstFailure) throw firstFailure.reason;
  const answered: { host: Host; value: T }[] = [];
  const json = hosts.map((host, index) => {
    const outcome = outcomes[index];
    if (outcome?.status === 'fulfilled') {
      answered.push({ host, value: outcome.value });
      return { host: host.name, result: jsonOf(outcome.value) };
    }
    const sentence = failureOf(outcome?.reason).sentence ?? 'failed';
    session.note(`vmemctl: ${host.name}: ${sentence}`);
    return { host: host.name, error: sentence };
  });
  if (answered.length === 0 && firstFailure) {
    throw new CommandError('None of the hosts answered.', failureOf(firstFailure.reason).exit);
  }
  const values = answered.map(({ value }) => value);
  const [first] = values;
  const alone = first === undefined ? undefined : jsonOf(first);
  return { answered, values, json: hosts.length === 1 ? alone : json, failed: failures.length };
}

/** The exit status of a command that asked several hosts: done in part if some did not answer. */
export const exitOf = ({ failed }: Pick<Answers<unknown>, 'failed'>): Exit =>
  failed > 0 ? Exit.inPart : Exit.done;
