import type { Decision, GuestFigures, HostFigures, Outcome, Reason } from '../round/round.ts';
import { type Ask, asks, guaranteesOnly } from './ask.ts';
import { type Budget, budgetOf } from './budget.ts';
import { checked } from './checked.ts';
import { decisionOf } from './decision.ts';
import { hostReasonOf } from './hostReason.ts';
import { follows, type Levelled, levelled } from './levels.ts';
import { type AdaptiveMemory, emptyMemory, type GuestMemory, memoryOf } from './memory.ts';
import { observed } from './observe.ts';
import type { AdaptiveParameters } from './parameters.ts';

/** Time in which the estimate of what a guest uses falls on a host that has nothing left; in seconds. */
const LEAST_FALL_TIME = 5;
/** A clock that was set back by more makes the times of earlier rounds worthless; in seconds. */
const CLOCK_STEP = 30;

/**
 * Decides by weighted water level. Each guest has a floor (its guarantee), what it uses, what it needs, and a cap (its
 * memory); the guests' part of the host fills these levels one after the other, max-min fairly.
 *
 * The ideas: shares and the estimate that rises fast and falls slowly are ESX's, the buffer above what is used is
 * Hyper-V's, two phases and stuck balloons are squeezed's, page cache taken gently and given back at once is Senpai's,
 * growth in proportion to shares is Proxmox's, and the reserve of free memory is MoM's.
 */
export function decideAdaptively(
  host: HostFigures,
  guests: readonly GuestFigures[],
  parameters: AdaptiveParameters,
  remembered: AdaptiveMemory,
): Outcome<AdaptiveMemory> {
  const isSetBack = host.time < (remembered.time ?? host.time) - CLOCK_STEP;
  const before = isSetBack ? emptyMemory : remembered;
  const { taking, alone } = admitted(host, guests, inNeedOf(host, parameters), before);
  const { available } = host;
  const budget =
    available === undefined ? undefined : (
      budgetOf({ ...host, available }, taking, before, parameters)
    );
  const found = budget ? asks(taking, budget, parameters) : guaranteesOnly(taking);
  const asked = new Map(
    taking.map((levels, index) => {
      const ask = found[index];
      return [levels.guest.name, ask && decisionOf(levels, ask, parameters)];
    }),
  );
  return {
    decisions: guests.map(
      ({ name }) => asked.get(name) ?? { name, reason: reasonAlone(alone.get(name), host.time) },
    ),
    hostReason: hostReasonOf(host, budget, parameters),
    memory: memoryAfter(host, { taking, found, asked, alone, budget }, before),
  };
}

/**
 * Returns the settings for what the host has left: the less that is of its goal, the less do guests keep beyond what they
 * use, and the sooner is forgotten what they used before.
 */
function inNeedOf(
  { available, total }: HostFigures,
  parameters: AdaptiveParameters,
): AdaptiveParameters {
  const { keep, fallTime, goal } = parameters;
  if (available === undefined || available >= total * goal) return parameters;
  const share = available / (total * goal);
  return {
    ...parameters,
    keep: keep * share,
    fallTime: Math.max(Math.min(fallTime, LEAST_FALL_TIME), fallTime * share),
  };
}

/** Why a guest does not take part in the round. */
function reasonAlone(guest: Alone | undefined, now: number): Reason {
  const { why: rule = 'rest', memory } = guest ?? {};
  if (!memory?.stuck) return { rule, inputs: {} };
  const inputs = {
    current: memory.current,
    askedAgainInSeconds: Math.ceil(memory.stuck.until - now),
  };
  return { rule, inputs };
}

/** A guest that is left as it is, and why; what is remembered of it if it comes back. */
interface Alone {
  readonly why: string;
  readonly memory?: GuestMemory;
}

interface Admitted {
  /** Guests that take part in this round. */
  readonly taking: readonly Levelled[];
  readonly alone: ReadonlyMap<string, Alone>;
}

function admitted(
  { time: now }: HostFigures,
  guests: readonly GuestFigures[],
  parameters: AdaptiveParameters,
  before: AdaptiveMemory,
): Admitted {
  const time = { now, elapsed: Math.max(0, now - (before.time ?? now)) };
  const taking: Levelled[] = [];
  const alone = new Map<string, Alone>();
  for (const figures of guests) {
    const guest = checked(figures);
    if (typeof guest === 'string') {
      alone.set(figures.name, { why: guest });
      continue;
    }
    const memory = observed(guest, memoryOf(before, guest.name), time, parameters);
    const levels = levelled(guest, memory, now, parameters);
    if (follows(levels, now)) taking.push(levels);
    else alone.set(guest.name, { why: 'stuck', memory });
  }
  return { taking, alone };
}

interface Round extends Admitted {
  readonly found: readonly Ask[];
  readonly asked: ReadonlyMap<string, Decision | undefined>;
  readonly budget: Budget | undefined;
}

function memoryAfter(
  { time }: HostFigures,
  { taking, found, asked, alone, budget }: Round,
  before: AdaptiveMemory,
): AdaptiveMemory {
  // has no prototype, since a guest may have the name __proto__
  const guests = Object.create(null) as Record<string, GuestMemory>;
  for (const [name, { memory }] of alone) if (memory) guests[name] = memory;
  let spent = 0;
  for (const { guest, memory } of taking) {
    const target = asked.get(guest.name)?.target;
    guests[guest.name] = target === undefined ? memory : withTarget(memory, target, time);
    spent += Math.max(0, (target ?? 0) - guest.current);
  }
  const { pressure, freed, available } = budget?.memory ?? before;
  const isRelieved = found.some(({ rule }) => rule === 'relief');
  return {
    time,
    guests,
    available,
    freed: freed - spent,
    pressure: isRelieved ? { ...pressure, relievedAt: time } : pressure,
  };
}

function withTarget(memory: GuestMemory, target: number, now: number): GuestMemory {
  const { current, asked, progress, granted } = memory;
  const heading = Math.max(current, asked?.target ?? 0);
  const turns = asked !== undefined && asked.target > current !== target > current;
  return {
    ...memory,
    asked: { target, at: now },
    progress: turns ? { current, at: now } : progress,
    granted: granted + Math.max(0, target - heading),
    unsent: memory,
  };
}
