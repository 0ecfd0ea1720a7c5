import {
  type Asked,
  askedAfter,
  askedAgain,
  following,
  isThere,
  type Patience,
  patienceDefaults,
  reachOf,
} from './asked.ts';
import { type Failure, failureOf } from './failure.ts';
import {
  type Depth,
  freeableBy,
  type Giver,
  type GiverFigures,
  giverOf,
  leastOf,
  type UsageMemory,
} from './giver.ts';
import { shares } from './shares.ts';

/** What one reservation claims of the host; claims are served in their order. Sizes in KiB, times in seconds. */
export interface Claim {
  readonly id: string;
  /** What is reserved and not used yet. */
  readonly size: number;
  /** Whether all of it was there once: it is then held, and does not fail. */
  readonly isMade: boolean;
  readonly deadline: number;
  readonly depth: Depth;
}

/** The host at the start of a round. */
export interface Room {
  readonly time: number;
  /** What can still be used without swapping. */
  readonly available: number;
  /** The part of that which is not for reservations. */
  readonly reserve: number;
  /** Whether guests are asked for claims that were made and lack memory; otherwise the policy's loop sees to them. */
  readonly isDefended: boolean;
  /** How long balloons are waited for, if not as usual. */
  readonly patience?: Patience;
}

/** What the next round has to know of this one. */
export interface PlanMemory {
  readonly time?: number;
  readonly usage: UsageMemory;
  /** What guests are asked for while a claim lacks memory, by name. */
  readonly asked: ReadonlyMap<string, Asked>;
  /** Since when guests can give what each claim lacks, or cannot, by id. */
  readonly prospects: ReadonlyMap<string, Prospect>;
}

interface Prospect {
  readonly isGood: boolean;
  readonly since: number;
}

export const emptyPlan: PlanMemory = {
  usage: new Map(),
  asked: new Map(),
  prospects: new Map(),
};

export interface RoundPlan {
  /** Claims that are there for the first time. */
  readonly made: readonly string[];
  readonly failed: readonly Failure[];
  /** What balloons are to leave, in the order in which to ask; each is below what was asked of that guest before. */
  readonly asks: readonly {
    readonly name: string;
    readonly target: number;
    readonly claim: string;
  }[];
  /** Guests that are asked for less: to stay where they are, or to keep what they have come to use. */
  readonly stops: readonly { readonly name: string; readonly target: number }[];
  /** What the host has beyond all claims; negative while one lacks memory. */
  readonly spare: number;
  /** What claims lack, each with those before it, by id. */
  readonly lacks: ReadonlyMap<string, number>;
  readonly memory: PlanMemory;
}

const PAGE = 4;
const MIB = 1024;
/** A claim that is made lacks memory only by more than this: the host's figures are never at rest. */
const RIPPLE = 16 * MIB;
/** Smaller changes of a target are not sent. */
const STEP = 256;
/** How long guests must be unable to give what they are asked for, in seconds: figures of moving balloons are inexact. */
const DOUBT = 15;
/** A guest that uses so much more than it was asked to keep, as a share of its memory, is asked for less. */
const RISE = 0.05;
/** How long a claim that was made and lacks memory has to be made again, in seconds. */
const AGAIN = 60;

/**
 * Plans one round of making room: what the host shows to be free is given to the claims in their order, and guests are
 * asked for what is missing then. Two phases, as in squeezed: a claim is made once the host shows the memory, whatever
 * balloons report.
 */
export function planRound(
  room: Room,
  figures: readonly GiverFigures[],
  claims: readonly Claim[],
  before: PlanMemory,
): RoundPlan {
  const { time: now, patience = patienceDefaults } = room;
  const { givers, usage } = observe(figures, before, now);
  const round = new Round({ givers, now, patience, before });
  const served = serve(room, claims, round);
  const { isAsking, asked, prospects } = round;
  return {
    ...served,
    asks: round.asks,
    stops: isAsking ? round.eased : round.stops(),
    memory: { time: now, usage, asked: isAsking ? asked : new Map<string, Asked>(), prospects },
  };
}

/** Gives each claim in turn what is left, and has guests asked for what is missing. */
function serve({ available, reserve, isDefended }: Room, claims: readonly Claim[], round: Round) {
  let spare = available - reserve;
  const made: string[] = [];
  const failed: Failure[] = [];
  const lacks = new Map<string, number>();
  for (const claim of claims) {
    const { id, size, isMade } = claim;
    spare -= size;
    if (spare >= (isMade ? -RIPPLE : 0)) {
      if (!isMade) made.push(id);
      continue;
    }
    lacks.set(id, -spare);
    if (isMade && !isDefended) continue;
    const failure = isMade ? undefined : round.failure(claim, -spare);
    if (failure) {
      failed.push(failure);
      lacks.delete(id);
      spare += size;
    } else round.ask(claim, -spare);
  }
  return { made, failed, lacks, spare };
}

function observe(figures: readonly GiverFigures[], before: PlanMemory, now: number) {
  const time = { now, elapsed: Math.max(0, now - (before.time ?? now)) };
  const found = figures.map((one) => giverOf(one, before.usage.get(one.name), time));
  const usage: UsageMemory = new Map(
    found.flatMap(({ giver, known }) => (known ? [[giver.name, known] as const] : [])),
  );
  return { givers: found.map(({ giver }) => giver), usage };
}

function keptAsked(
  before: ReadonlyMap<string, Asked>,
  givers: readonly Giver[],
  now: number,
): Map<string, Asked> {
  return new Map(
    givers.flatMap((giver) => {
      const asked = before.get(giver.name);
      return asked ? [[giver.name, askedAfter(asked, giver, now)] as const] : [];
    }),
  );
}

interface RoundParts {
  readonly givers: readonly Giver[];
  readonly now: number;
  readonly patience: Patience;
  readonly before: PlanMemory;
}

/** The guests of one round, and what they are asked for in it. */
class Round {
  readonly asks: { name: string; target: number; claim: string }[] = [];
  readonly eased: { name: string; target: number }[] = [];
  isAsking = false;
  readonly asked: Map<string, Asked>;
  readonly #givers: readonly Giver[];
  readonly prospects = new Map<string, Prospect>();
  readonly #now: number;
  readonly #patience: Patience;
  readonly #before: PlanMemory['prospects'];

  constructor({ givers, now, patience, before }: RoundParts) {
    this.#givers = givers;
    this.#now = now;
    this.#patience = patience;
    this.#before = before.prospects;
    this.asked = keptAsked(before.asked, givers, now);
  }

  /** Returns why a claim cannot be made: its time is over, or guests can give less than it lacks. */
  failure(claim: Claim, need: number): Failure | undefined {
    const possible = this.#givers
      .filter((giver) => !this.#isStuck(giver))
      .reduce((sum, giver) => sum + freeableBy(giver, claim.depth), 0);
    const isHopeless = this.#isHopeless(claim, need <= possible);
    if (!isHopeless && this.#now < claim.deadline) return undefined;
    return failureOf({
      claim,
      need,
      possible,
      isLate: !isHopeless,
      givers: this.#givers,
      stateOf: (giver) => this.#state(giver),
      asked: this.asked,
    });
  }

  /** Whether guests cannot give what a claim lacks, by the first look, or for a while. */
  #isHopeless({ id }: Claim, isGood: boolean): boolean {
    const before = this.#before.get(id);
    const prospect = before?.isGood === isGood ? before : { isGood, since: this.#now };
    this.prospects.set(id, prospect);
    return !isGood && (!before || this.#now - prospect.since >= DOUBT);
  }

  /** Asks guests for what a claim lacks, with those before it. */
  ask(claim: Claim, need: number): void {
    this.isAsking = true;
    if (claim.depth === 'used') this.#ease();
    const givers = this.#givers.filter((giver) => freeableBy(giver, claim.depth) > 0);
    const gifts = givers.map((giver) => this.#gift(giver, claim));
    const margin = 4 * MIB + 2 * STEP * givers.length;
    const given = shares(gifts, need + margin);
    for (const [index, giver] of givers.entries()) {
      const size = given[index] ?? 0;
      if (size > 0) this.#send(giver, giver.occupied - size, claim);
    }
  }

  /** Asks guests for less that have come to use what they were asked for. */
  #ease(): void {
    for (const giver of this.#givers) {
      const asked = this.asked.get(giver.name);
      if (!asked || giver.bare - asked.target < giver.memory * RISE) continue;
      const target = Math.ceil(giver.bare / PAGE) * PAGE;
      this.asked.set(giver.name, { ...asked, target });
      this.eased.push({ name: giver.name, target });
    }
  }

  /** Returns the guests whose balloons have not reached what was asked, with what they leave now. */
  stops(): { name: string; target: number }[] {
    return this.#givers.flatMap((giver) => {
      const asked = this.asked.get(giver.name);
      if (!asked || isThere(asked, giver)) return [];
      return [{ name: giver.name, target: Math.ceil(giver.current / PAGE) * PAGE }];
    });
  }

  #gift(giver: Giver, claim: Claim) {
    const deadline = claim.isMade ? this.#now + AGAIN : claim.deadline;
    const { name, occupied, need, weight } = giver;
    const time = { now: this.#now, deadline };
    const reach = reachOf(this.asked.get(name), giver, time, this.#patience);
    const least = Math.max(leastOf(giver, claim.depth), reach);
    const all = Math.max(0, occupied - least);
    const beyondNeed = Math.max(0, occupied - Math.max(need, least));
    return { weight, beyondNeed, beyondUse: all - beyondNeed };
  }

  #send(giver: Giver, size: number, claim: Claim): void {
    const { name } = giver;
    const before = this.asked.get(name);
    const target = Math.max(giver.floor, Math.floor(size / PAGE) * PAGE);
    if (before && before.target - target < STEP) return;
    this.asked.set(name, askedAgain(before, giver, target, this.#now));
    this.asks.push({ name, target, claim: claim.id });
  }

  #isStuck(giver: Giver): boolean {
    return this.#state(giver) === 'stuck';
  }

  #state(giver: Giver) {
    const asked = this.asked.get(giver.name);
    return asked && following(asked, giver, this.#now, this.#patience);
  }
}
