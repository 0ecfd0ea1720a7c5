import type { Milliseconds } from '../../common/units.ts';

/** When a run and the present boot of its guest began, in milliseconds since 1970; unknown times are absent. */
export interface RunTimes {
  /** Absent if the run was not seen to start. */
  readonly startedAt?: Milliseconds | undefined;
  /** From then on statistics of the guest are those of its present boot; absent if the boot was found running. */
  readonly reportsSince?: Milliseconds | undefined;
}

/** Returns the times of a run that begins now; `isSeen`: it does not only become known now. */
export const beginningNow = (now: Milliseconds, isSeen: boolean): RunTimes => ({
  startedAt: isSeen ? now : undefined,
  reportsSince: now,
});

export const timesOf = ({ startedAt, reportsSince }: RunTimes): RunTimes => ({
  startedAt,
  reportsSince,
});
