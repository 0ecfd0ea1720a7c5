import type { Budget } from './budget.ts';
import { nearEnough } from './following.ts';
import { fairParts, type Levelled } from './levels.ts';
import type { AdaptiveParameters } from './parameters.ts';
import { divide } from './waterLevel.ts';

type Rule =
  /** It has less than its guarantee. */
  | 'guarantee'
  /** It swaps in, or faults in page cache, and gets all that it lacks. */
  | 'starving'
  /** It has less than it needs. */
  | 'need'
  /** The host has memory to spare. */
  | 'relief'
  /** The host has less than its reserve. */
  | 'host-short'
  /** Another guest has less than it needs. */
  | 'for-others'
  /** It has much more than its part, and another much less. */
  | 'fairness'
  | 'rest';

/** What one guest is to be asked for, before it is rounded. */
export interface Ask {
  /** Absent if the guest is to stay as it is. */
  readonly size?: number;
  readonly rule: Rule;
  readonly bound?: string;
  /** The guest's part of the budget. */
  readonly part: number;
}

/** The part of a step by which guests give up what they have beyond their fair part while no guest lacks memory. */
const GENTLE = 0.2;

/** Returns the asks that need no figure of the host: the guarantees. */
export const guaranteesOnly = (guests: readonly Levelled[]): Ask[] =>
  guests.map((levels) => {
    const one = withPart(levels, levels.guest.current);
    return guaranteed(one) ?? asIs(one, one.keeps);
  });

/** Returns what each guest is asked for, in their order. First guests shrink; what they have freed is given later. */
export function asks(
  guests: readonly Levelled[],
  budget: Budget,
  parameters: AdaptiveParameters,
): Ask[] {
  const parts = fairParts(guests, budget.total);
  const most = fairParts(guests, budget.most);
  const each = guests.map((levels, index) => withPart(levels, parts[index] ?? levels.cap));
  const urgent = each.map((one, index) => urgentLack(one, most[index] ?? 0, parameters));
  const needed = each.map((one, index) =>
    Math.max(urgent[index] ?? 0, headroomLack(one, parameters)),
  );
  const relief = each.map((one, index) => reliefOf(one, needed[index] ?? 0, parameters));
  const limits = parameters.twoPhases ? budget : unlimited;
  const first = pour(each, urgent, limits.forStarving);
  const second = pour(each, less(needed, first), limits.forNeed - sum(first));
  const third = pour(each, relief, limits.forAll - sum(first) - sum(second));
  const missing = sum(needed) - sum(first) - sum(second);
  const isUrgent = sum(urgent) > 0;
  const taken = takes(each, { ...budget, missing, isUrgent }, parameters);
  return each.map((one, index): Ask => {
    const growth = (first[index] ?? 0) + (second[index] ?? 0) + (third[index] ?? 0);
    const lacks = (needed[index] ?? 0) > 0;
    return (
      guaranteed(one) ??
      grown(one, { growth, lacks }, parameters) ??
      taken[index] ??
      resting(one, parameters)
    );
  });
}

type Part = Levelled & { readonly part: number };

/** Written out, as is what a round remembers: merged objects take several times as long. */
const withPart = (levels: Levelled, part: number): Part => ({
  guest: levels.guest,
  memory: levels.memory,
  isStarving: levels.isStarving,
  isUrgent: levels.isUrgent,
  keeps: levels.keeps,
  missing: levels.missing,
  expected: levels.expected,
  floor: levels.floor,
  bare: levels.bare,
  need: levels.need,
  cap: levels.cap,
  part,
});

const unlimited = { forStarving: Infinity, forNeed: Infinity, forAll: Infinity };

const resting = (one: Part, parameters: AdaptiveParameters): Ask =>
  asIs(one, whyNotMore(one, parameters));

const asIs = ({ part }: Part, bound: string | undefined): Ask =>
  bound === undefined ? { rule: 'rest', part } : { rule: 'rest', part, bound };

/** Why a guest that rests is not given what it lacks, or not asked for what it has. */
function whyNotMore(one: Part, parameters: AdaptiveParameters): string | undefined {
  const { guest, memory, cap, need, keeps } = one;
  if (keeps !== undefined) return keeps;
  if (Math.abs((memory.asked?.target ?? guest.current) - guest.current) > nearEnough(cap)) {
    return 'on-its-way';
  }
  const lack = need - heading(one);
  if (lack <= 0) return undefined;
  return lack > leastLack(one, parameters) ? 'host-memory' : 'dead-band';
}

const guaranteed = ({ guest, part }: Part): Ask | undefined =>
  guest.current < guest.floor ? { rule: 'guarantee', size: guest.floor, part } : undefined;

/** What a guest that starves, or soon will, lacks of what it uses. */
function urgentLack(one: Part, most: number, { deadBand }: AdaptiveParameters): number {
  const lack = Math.min(Math.max(one.part, most), one.bare) - heading(one);
  return one.isUrgent && lack > one.cap * deadBand ? lack : 0;
}

/** What the guest lacks of what it needs, as far as that is its part; a little less headroom is no lack yet. */
function headroomLack(one: Part, parameters: AdaptiveParameters): number {
  const lack = Math.min(one.part, one.need) - heading(one);
  return lack > leastLack(one, parameters) ? lack : 0;
}

function leastLack(one: Part, { deadBand, headroom }: AdaptiveParameters): number {
  if (one.isUrgent) return one.cap * deadBand;
  const spared = one.memory.warm > 0 ? 0 : (one.bare * headroom) / 2;
  return Math.max(one.cap * deadBand * 2, spared);
}

const heading = ({ guest, memory }: Levelled): number =>
  Math.max(guest.current, memory.asked?.target ?? 0);

/** Divides `amount` among guests that may grow by so much each. */
function pour(each: readonly Part[], sizes: readonly number[], amount: number): readonly number[] {
  if (amount >= sum(sizes)) return sizes;
  const shares = each.map(({ guest }, index) => ({
    low: 0,
    high: sizes[index] ?? 0,
    weight: guest.weight,
  }));
  return divide(shares, Math.max(0, amount));
}

const less = (sizes: readonly number[], given: readonly number[]): number[] =>
  sizes.map((size, index) => Math.max(0, size - (given[index] ?? 0)));

const reliefOf = (one: Part, needed: number, { step }: AdaptiveParameters): number =>
  Math.max(0, Math.min(one.part - heading(one) - needed, one.cap * step));

function grown(
  one: Part,
  { growth, lacks }: { growth: number; lacks: boolean },
  { deadBand }: AdaptiveParameters,
): Ask | undefined {
  const size = heading(one) + growth;
  const isWhole = size >= one.cap - 1 && growth > 0;
  const least = one.cap * deadBand * (lacks ? 1 : 2);
  if (growth <= least && !isWhole) return undefined;
  const rule =
    !lacks ? 'relief'
    : one.isStarving ? 'starving'
    : 'need';
  const bound = boundOf(one, size, lacks);
  return { size, rule, part: one.part, ...(bound !== undefined && { bound }) };
}

const boundOf = ({ cap, need }: Part, size: number, lacks: boolean): string | undefined =>
  size >= cap - 1 ? 'memory'
  : lacks && size < need - 1 ? 'freed-memory'
  : undefined;

/** What is to be freed: for the host, and for guests, of which some may be in urgent need. */
type Wanted = Budget & { readonly missing: number; readonly isUrgent: boolean };

/**
 * Returns what guests are asked to give up: for the host and for guests in need, in proportion to what each has beyond
 * its part; otherwise, gently, what exceeds the fair part by much.
 */
function takes(
  each: readonly Part[],
  { isShort, shortfall, missing, isUrgent }: Wanted,
  parameters: AdaptiveParameters,
): (Ask | undefined)[] {
  const excess = each.map(excessOf);
  const wanted = shortfall + missing;
  if (wanted > 0) {
    const share = Math.min(1, wanted / Math.max(1, sum(excess)));
    const band =
      parameters.deadBand *
      (isShort ? 0.25
      : isUrgent ? 0.5
      : 2);
    return each.map((one, index) => {
      const take = (excess[index] ?? 0) * share;
      const rule = isShort ? 'host-short' : 'for-others';
      return take > one.cap * band ? shrunk(one, take, rule, parameters.step) : undefined;
    });
  }
  const isUnfair = each.some(
    ({ part, guest, cap }) => part - guest.current > cap * parameters.unfairness,
  );
  return each.map((one, index) =>
    isUnfair && (excess[index] ?? 0) > one.cap * parameters.unfairness ?
      shrunk(one, excess[index] ?? 0, 'fairness', parameters.step * GENTLE)
    : undefined,
  );
}

/** What the guest has beyond its part and beyond what it uses. */
const excessOf = ({ guest, memory, part, bare, keeps }: Part): number => {
  if (keeps !== undefined) return 0;
  return Math.max(0, Math.min(guest.current - Math.max(part, bare), memory.free));
};

function shrunk(one: Part, take: number, rule: Ask['rule'], step: number): Ask {
  const most = one.cap * step;
  const size = one.guest.current - Math.min(take, most);
  const bound =
    take > most ? 'step'
    : size <= one.floor ? 'guarantee'
    : size <= one.bare ? 'used'
    : undefined;
  return { size, rule, part: one.part, ...(bound !== undefined && { bound }) };
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
