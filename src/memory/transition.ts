import type { KiB, Milliseconds } from '../common/units.ts';
import type { BalloonStory } from './balloonStory.ts';
import type { Step, StepState } from './operation.ts';

/** What can become known about a step. */
export type Fact =
  /** It is sent to the hypervisor as a new attempt, or again because the outcome of this attempt is unknown. */
  | 'send'
  | 'resend'
  /** The hypervisor rejected it; the domain shows that it has taken effect; the guest refused it. */
  | 'rejected'
  | 'seen'
  | 'guest-refused'
  /** Its time is over; a newer request stands in its place; the run of the domain has ended. */
  | 'deadline'
  | 'replaced'
  | 'run-ended';

/** Every legal transition of a step. */
export const NEXT: Readonly<Record<StepState, Readonly<Partial<Record<Fact, StepState>>>>> = {
  queued: {
    send: 'sent',
    seen: 'done',
    rejected: 'failed',
    replaced: 'superseded',
    'run-ended': 'failed',
  },
  sent: {
    send: 'sent',
    resend: 'sent',
    rejected: 'failed',
    seen: 'done',
    'guest-refused': 'refused',
    deadline: 'timed-out',
    replaced: 'superseded',
    'run-ended': 'failed',
  },
  'timed-out': { seen: 'done', 'guest-refused': 'refused', replaced: 'superseded' },
  done: {},
  refused: {},
  failed: {},
  superseded: {},
};

/** What is recorded of a step together with a fact. */
export interface Detail {
  readonly message?: string;
  readonly sentAt?: Milliseconds;
  readonly boot?: number;
  readonly isUnverified?: true;
  /** Of a balloon step that is sent: the target before, and how it came about. */
  readonly previous?: KiB;
  readonly previousStory?: BalloonStory;
}

/** The step after that fact, without the message of its former state; throws Error for an illegal transition. */
export function transition<S extends Step>(step: S, fact: Fact, detail: Detail = {}): S {
  const state = NEXT[step.state][fact];
  if (state === undefined) {
    throw new Error(`a step (${step.kind}) that is ${step.state} has no transition for "${fact}"`);
  }
  const { message, ...rest } = step;
  const isLate = step.state === 'timed-out' && state === 'done';
  return {
    ...(message === undefined ? step : rest),
    ...shortened(detail),
    state,
    attempts: step.attempts + (fact === 'send' ? 1 : 0),
    ...(isLate && { late: true }),
    // Only an open step is compared with the configuration.
    ...(step.kind === 'next-run' && state !== 'sent' && { before: [] }),
  } as S;
}

/** Messages of the hypervisor have no limit of their own; the record has. */
const shortened = (detail: Detail): Detail =>
  detail.message === undefined || detail.message.length <= LONGEST ?
    detail
  : { ...detail, message: `${detail.message.slice(0, LONGEST - 1)}…` };

const LONGEST = 300;

type Stated = Pick<Step, 'state'>;

/** Whether the step has not ended. */
export const isOpen = ({ state }: Stated): boolean => state === 'queued' || state === 'sent';

/** Whether the guest may still do what was sent. */
export const isAwaited = ({ state }: Stated): boolean => state === 'sent' || state === 'timed-out';
