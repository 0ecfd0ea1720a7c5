import { KiB } from '../../../src/common/units.ts';
import type { GuestFigures, HostFigures } from '../../../src/policy/decide/round/round.ts';
import { momDefaults, type MomParameters } from '../../../src/policy/decide/mom/parameters.ts';
import type { MomMemory } from '../../../src/policy/decide/mom/window.ts';

type Samples = readonly (number | null)[];

/** One recorded round of MoM's policy engine; KiB, samples oldest first. */
export interface RecordedState {
  readonly id: number;
  readonly flavour: MomParameters['flavour'];
  readonly host: { readonly mem_total: number; readonly mem_free: Samples };
  readonly params: Readonly<Record<string, number | boolean>>;
  readonly guests: readonly {
    readonly name: string;
    readonly balloon_cur: Samples;
    readonly mem_unused: Samples;
    readonly balloon_min: number | null;
    readonly balloon_max: number | null;
  }[];
  /** Targets by guest, as sent and before they were rounded. */
  readonly decision: Readonly<Record<string, number>>;
  readonly unrounded: Readonly<Record<string, number>>;
  /** MoM's error if the round failed. */
  readonly aborted: string | null;
}

export interface RecordedDecisions {
  readonly defaults: Readonly<Record<string, number>>;
  readonly states: readonly RecordedState[];
}

/** What `decide` takes for a recorded round. */
export interface RecordedRound {
  readonly host: HostFigures;
  readonly guests: readonly GuestFigures[];
  readonly parameters: MomParameters;
  readonly memory: MomMemory;
}

/** Returns the arguments of `decide`: the newest samples are its figures, the older ones its memory. */
export function recordedRound(
  { flavour, host, params, guests }: RecordedState,
  defaults: RecordedDecisions['defaults'],
): RecordedRound {
  return {
    host: {
      time: 0,
      total: KiB(host.mem_total),
      ...figure('free', host.mem_free.at(-1)),
      ...figure('available', host.mem_free.at(-1)),
    },
    guests: guests.map(({ name, ...given }) => ({
      name,
      ...figure('current', given.balloon_cur.at(-1)),
      ...figure('unused', given.mem_unused.at(-1)),
      ...figure('floor', given.balloon_min),
      ...figure('memory', given.balloon_max),
    })),
    parameters: parametersOf(flavour, { ...defaults, ...params }),
    memory: {
      hostFree: older(host.mem_free),
      guests: Object.fromEntries(
        guests.map(({ name, balloon_cur, mem_unused }) => [
          name,
          { current: older(balloon_cur), unused: older(mem_unused) },
        ]),
      ),
    },
  };
}

const figure = <Name extends string>(
  name: Name,
  value: number | null | undefined,
): Partial<Record<Name, KiB>> =>
  typeof value === 'number' ? ({ [name]: KiB(value) } as Record<Name, KiB>) : {};

const older = (samples: Samples): (number | undefined)[] =>
  samples.slice(0, -1).map((sample) => sample ?? undefined);

const NAMES = {
  pressure_threshold: 'pressureThreshold',
  pressure_critical: 'pressureCritical',
  critical_offset: 'criticalOffset',
  guest_free: 'guestFree',
  max_change: 'maxChange',
  min_change: 'minChange',
  enabled: 'enabled',
} as const;

const parametersOf = (
  flavour: MomParameters['flavour'],
  given: Readonly<Record<string, number | boolean>>,
): MomParameters => ({
  ...momDefaults,
  flavour,
  ...Object.fromEntries(
    Object.entries(NAMES).flatMap(([name, ours]) => {
      const value = given[name];
      return value === undefined ? [] : [[ours, value]];
    }),
  ),
});
