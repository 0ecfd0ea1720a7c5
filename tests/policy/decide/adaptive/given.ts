import { KiB } from '../../../../src/common/units.ts';
import { omitUndefined } from '../../../../src/common/omitUndefined.ts';
import { decide, type PolicyMemory } from '../../../../src/policy/decide/decide.ts';
import type { AdaptiveParameters } from '../../../../src/policy/decide/adaptive/parameters.ts';
import type { Decision, GuestFigures, Outcome } from '../../../../src/policy/decide/round/round.ts';

/** A VM's figures, in KiB and in seconds since a beginning; undefined is what is not reported. */
export type Given = {
  readonly [Name in Exclude<keyof GuestFigures, 'name' | 'exempt'>]?: number | undefined;
} & { readonly name?: string; readonly used?: number };

/** When times are counted from: 0 is no time of a report. */
const BEGINNING = 1000;

/** Returns a VM of 1 000 000 KiB, of which the balloon leaves half and a fifth is used, and which has just reported that. */
function vm(time: number, { current = 500_000, used = 200_000, ...more }: Given): GuestFigures {
  const { reportedAt } = { reportedAt: time, ...more };
  return omitUndefined({
    name: 'vm',
    current,
    floor: 100_000,
    memory: 1_000_000,
    available: current,
    usable: current - used,
    ...more,
    reportedAt: reportedAt === undefined ? undefined : BEGINNING + reportedAt,
  }) as GuestFigures;
}

export interface Round {
  readonly time: number;
  /** What the host has left of its 10 000 000 KiB. */
  readonly available?: number;
  readonly stall?: number;
  readonly vms: readonly Given[];
}

export type Settings = Partial<AdaptiveParameters>;

/** Returns what is decided in each of the rounds. */
export function play(rounds: readonly Round[], settings: Settings = {}): Outcome<PolicyMemory>[] {
  let memory: PolicyMemory = {};
  return rounds.map(({ time, available, stall, vms }) => {
    const host = {
      time: BEGINNING + time,
      total: KiB(10_000_000),
      ...omitUndefined({ available: available as KiB | undefined, stall }),
    };
    const figures = vms.map((given) => vm(time, given));
    const outcome = decide(host, figures, { algorithm: 'adaptive', ...settings }, memory);
    ({ memory } = outcome);
    return outcome;
  });
}

/** Returns the host's figures by the last of the rounds. */
export const hostAfter = (rounds: readonly Round[], settings?: Settings) =>
  play(rounds, settings).at(-1)?.hostReason.inputs ?? {};

/** Returns the decisions of the last of the rounds, by VM. */
export const decidedAfter = (
  rounds: readonly Round[],
  settings?: Settings,
): Readonly<Record<string, Decision | undefined>> =>
  Object.fromEntries(
    (play(rounds, settings).at(-1)?.decisions ?? []).map((one) => [one.name, one]),
  );

export type Seen = Given & { readonly time: number };

/** Returns what is known of a VM after rounds in which only its own figures are. */
export const knownAfter = (
  rounds: readonly Seen[],
  settings?: Settings,
): Readonly<Record<string, number | undefined>> =>
  decidedAfter(
    rounds.map(({ time, ...given }) => ({ time, vms: [given] })),
    settings,
  )['vm']?.reason.inputs ?? {};
