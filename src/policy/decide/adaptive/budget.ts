import type { KiB } from '../../../common/units.ts';
import type { HostFigures } from '../round/round.ts';
import type { Levelled } from './levels.ts';
import { type AdaptiveMemory, type GuestMemory, memoryOf, type Pressure } from './memory.ts';
import type { AdaptiveParameters } from './parameters.ts';

/** The longest time that growing waits after the host was short of memory, in seconds. */
const LONGEST_CALM = 1800;
/** How much longer growing waits after it came too early. */
const CALMER = 4;
/** Growth after which the host was short again so soon came too early. */
const TOO_EARLY = 1800;
/** How fast credit for freed memory is lost, in seconds. */
const CREDIT_TIME = 30;

export type MeasuredHost = HostFigures & { readonly available: KiB };

/** What the host allows in this round; sizes in KiB. */
export interface Budget {
  readonly isShort: boolean;
  /** The sum of the guests' targets, and the sum that they may reach where a guest lacks memory. */
  readonly total: number;
  readonly most: number;
  /** What has to be freed for the host. */
  readonly shortfall: number;
  /** How much starving guests may grow, those that lack headroom, and all. */
  readonly forStarving: number;
  readonly forNeed: number;
  readonly forAll: number;
  readonly memory: Pick<AdaptiveMemory, 'pressure' | 'available' | 'freed'>;
}

/**
 * Returns what the host allows. Memory that guests have been left but never touched is not yet in the host's figures:
 * growth counts it as gone, unless the host has far more than its goal.
 */
export function budgetOf(
  host: MeasuredHost,
  guests: readonly Levelled[],
  before: AdaptiveMemory,
  parameters: AdaptiveParameters,
): Budget {
  const { total, available, time } = host;
  const isShort = available < total * parameters.goal || isStalled(host, parameters);
  const margin = total * parameters.margin;
  const spare = available - total * parameters.goal - margin;
  const shortfall = isShort ? Math.max(margin, -spare) : 0;
  const pressure = isShort ? pressureAfter(before.pressure, time, parameters) : before.pressure;
  const awaited = sum(guests, promised);
  const lowest = lowestAvailable(host, before, parameters);
  const lasting = spare - (available - lowest);
  const unclaimed = sum(guests, untouched);
  const easy = lasting - total * parameters.comfort - awaited;
  const isCalm = time - (pressure.at ?? -Infinity) >= (pressure.calm ?? parameters.calm);
  const forAll = isCalm && !isShort ? Math.max(0, lasting - unclaimed, easy) : 0;
  const forNeed = isShort ? 0 : Math.max(0, spare - awaited);
  const beyondReserve = available - total * parameters.reserve;
  const freed = isShort ? creditAfter(guests, before, host, beyondReserve < 0) : 0;
  const forStarving = Math.max(forNeed, freed, beyondReserve - awaited);
  const current = sum(guests, ({ guest }) => guest.current);
  return {
    isShort,
    total: current - shortfall + Math.max(forAll, forNeed),
    most: current + forStarving,
    shortfall,
    forStarving,
    forNeed,
    forAll,
    memory: { pressure, available: lowest, freed },
  };
}

/** Falls at once, and rises slowly: what comes and goes is not for growing. */
function lowestAvailable(
  { available, time }: MeasuredHost,
  before: AdaptiveMemory,
  { settleTime }: AdaptiveParameters,
): number {
  const known = before.available ?? available;
  const elapsed = time - (before.time ?? time);
  if (available <= known) return available;
  return available + (known - available) * Math.exp(-elapsed / settleTime);
}

const isStalled = ({ stall = 0 }: HostFigures, parameters: AdaptiveParameters): boolean =>
  stall > parameters.stall;

/** Where the balloon goes, if it has been asked to leave more. */
const heading = ({ guest, memory }: Levelled): number =>
  Math.max(guest.current, memory.asked?.target ?? 0);

/** What the guest may touch at any time without any further decision. */
const untouched = (each: Levelled): number =>
  Math.max(promised(each), heading(each) - (each.memory.backed ?? each.guest.current));

/** What the guest was given lately and has not touched, or not received. */
const promised = (each: Levelled): number =>
  Math.max(each.memory.granted, heading(each) - each.guest.current);

/** Growing that was soon followed by a shortage came too early: the next time it waits longer. */
function pressureAfter(
  { calm, relievedAt }: Pressure,
  now: number,
  parameters: AdaptiveParameters,
): Pressure {
  const wait = calm ?? parameters.calm;
  if (relievedAt === undefined) return { at: now, calm: wait };
  const isTooEarly = now - relievedAt < TOO_EARLY;
  return { at: now, calm: isTooEarly ? Math.min(LONGEST_CALM, wait * CALMER) : parameters.calm };
}

/** What guests have freed since the host became short: starving guests may have that, as it costs the host nothing. */
function creditAfter(
  guests: readonly Levelled[],
  before: AdaptiveMemory,
  { time }: MeasuredHost,
  isCritical: boolean,
): number {
  const elapsed = time - (before.time ?? time);
  const freed = sum(guests, ({ guest, memory }) =>
    freedBy(guest, memoryOf(before, guest.name), memory.asked?.target),
  );
  // Without its reserve the host gets half of what is freed.
  return (
    Math.max(0, before.freed) * Math.exp(-elapsed / CREDIT_TIME) + (isCritical ? freed / 2 : freed)
  );
}

function freedBy(
  { current, resident }: Levelled['guest'],
  before: GuestMemory | undefined,
  target: number | undefined,
): number {
  if (!before || target === undefined || target > current) return 0;
  const taken = Math.max(0, before.current - current);
  if (resident === undefined || before.resident === undefined) return taken;
  return Math.min(taken, Math.max(0, before.resident - resident));
}

const sum = (guests: readonly Levelled[], of: (each: Levelled) => number): number =>
  guests.reduce((total, each) => total + of(each), 0);
