import type { MomGuest } from './momReader.ts';

/** Figures in KiB as MoM keeps them of a guest: the newest last, at most ten; undefined where a round had none. */
export interface GuestHistory {
  readonly cur: readonly (number | undefined)[];
  readonly unused: readonly (number | undefined)[];
  readonly min: number;
  readonly max: number;
}

export interface MomHost {
  readonly total: number;
  readonly free: readonly number[];
}

/** The constants of VDSM's balloon policy (mom.d/02-balloon.policy). */
const PRESSURE = 0.2;
const CRITICAL = 0.05;
const GUEST_FREE = 0.2;
const LARGEST_STEP = 0.05;
const SMALLEST_STEP = 0.0025;

/** MoM's balloon policy as VDSM configures it: the target that it sends to each guest in one round. */
export function momTargets(
  { total, free }: MomHost,
  guests: ReadonlyMap<string, GuestHistory>,
  isEnabled: boolean,
): ReadonlyMap<string, number> {
  const hostFree = mean(free) / total;
  const share = hostFree <= CRITICAL ? hostFree - 0.05 : (GUEST_FREE * hostFree) / PRESSURE;
  const targets = new Map<string, number>();
  for (const [name, guest] of guests) {
    const target = isEnabled && hostFree < PRESSURE ? shrunk(guest, share) : grown(guest, share);
    if (target !== undefined) targets.set(name, Math.trunc(target));
    const cur = guest.cur.at(-1) ?? NaN;
    if (cur < guest.min) targets.set(name, guest.min);
  }
  return targets;
}

function shrunk({ cur, unused, min }: GuestHistory, share: number): number | undefined {
  const now = cur.at(-1);
  if (now === undefined || unused.at(-1) === undefined) return undefined;
  const floor = Math.max(min, mean(cur) - mean(unused) + share * now);
  const size = Math.max(now * (1 - LARGEST_STEP), floor);
  return size <= now && Math.abs(size - now) > SMALLEST_STEP * now ? size : undefined;
}

function grown({ cur, unused, min, max }: GuestHistory, share: number): number | undefined {
  const now = cur.at(-1);
  if (now === undefined || unused.at(-1) === undefined || now >= max) return undefined;
  const floor = Math.max(min, mean(cur) - mean(unused) + share * now);
  const size = Math.min(Math.max(now * (1 + LARGEST_STEP), floor), max);
  return Math.abs(size - now) > SMALLEST_STEP * now ? size : undefined;
}

const mean = (values: readonly (number | undefined)[]): number => {
  const known = values.filter((value) => value !== undefined);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
};

/** The same for guests whose figures do not change, on a host with this share of its memory free, by name. */
export const targetsOfMom = (
  guests: Iterable<MomGuest>,
  free: number,
): ReadonlyMap<string, number> =>
  momTargets(
    { total: 1, free: [free] },
    new Map(
      [...guests].map(({ name, balloon: { cur, min, max }, unused }) => [
        name,
        { cur: [cur], unused: [unused], min, max },
      ]),
    ),
    true,
  );
