import type { KiB, Milliseconds } from '../../common/units.ts';
import type { PolicyParameters } from '../decide/decide.ts';
import type { Decision, GuestFigures, HostFigures, HostReason } from '../decide/round/round.ts';

/** Whether the loop runs: `observe` decides and sends nothing. */
export type Mode = 'off' | 'observe' | 'act';

/** Why a round was held: its time had come, tasks of the host began to wait for memory, or a client asked for it. */
export type Cause = 'interval' | 'stall' | 'request';

/** A target that the loop has sent, and what came of it. */
export interface Asked {
  readonly target: KiB;
  /** When it was sent, in milliseconds since 1970. */
  readonly at: Milliseconds;
  /** `pending` while the hypervisor has not answered; `not-applied` for a VM without a usable balloon. */
  readonly outcome: 'pending' | 'applied' | 'not-applied' | 'failed';
  /** Why it was not applied or failed, or what limited it, as a text for users. */
  readonly reason?: string;
}

/** One round: the figures it began with, and what was decided and sent. VMs are named by their ids. */
export interface PolicyRound {
  /** Counted from 1 since the start of vmemd. */
  readonly number: number;
  /** When it began, in milliseconds since 1970. */
  readonly at: Milliseconds;
  readonly mode: 'observe' | 'act';
  readonly cause: Cause;
  readonly parameters: PolicyParameters;
  readonly host: HostFigures;
  readonly guests: readonly GuestFigures[];
  /** In the order of `guests`. */
  readonly decisions: readonly Decision[];
  readonly hostReason: HostReason;
  /** What was sent in this round, by VM; empty in `observe`. */
  readonly asked: ReadonlyMap<string, Asked>;
  /** Why MoM's own engine would have sent nothing in this round; absent if it would not have failed. */
  readonly momAborts?: string;
}
