import type { SimulatedGuest } from './guest.ts';
import type { Contender, Targets } from './contender.ts';
import type { World } from './world.ts';

/** Shares that stay available: for working sets, and for everything else. */
const RESERVE = 0.05;
const GOAL = 0.2;
/** How far it looks ahead, in seconds. */
const AHEAD = 60;
const DEAD_BAND = 0.01;
/** Keeps what the dead band leaves undone out of the reserve. */
const MARGIN = 0.01;

/**
 * The limit: it knows what each guest is going to use and which files it reads again. It obeys the same reserve and
 * guarantees, leaves guests without statistics what they have, and can no more than the others give what has not been
 * freed.
 */
export class OracleAllocator implements Contender {
  readonly interval = 1;

  round(world: World): Targets {
    const { guests } = world;
    const parts = fairParts(world, world.time);
    const targets = new Map<string, number>();
    const touched = guests.reduce((sum, guest) => sum + soonTouched(guest, world.time), 0);
    let room = world.available - world.total * (RESERVE + MARGIN) - touched;
    for (const [index, guest] of guests.entries()) {
      const part = parts[index] ?? guest.current;
      // Swapping one guest out for another gains nothing.
      const least = Math.min(guest.current, levelsOf(guest, world.time, AHEAD)[1] ?? 0);
      const size = Math.max(part, least);
      if (size < guest.current * (1 - DEAD_BAND)) targets.set(guest.plan.name, size);
      const growth = Math.min(part - guest.current, room);
      if (growth <= guest.memory * DEAD_BAND) continue;
      targets.set(guest.plan.name, guest.current + growth);
      room -= growth;
    }
    return targets;
  }
}

/** What a guest will touch of its memory without any further decision. */
const soonTouched = (guest: SimulatedGuest, time: number): number =>
  Math.min(
    Math.max(0, guest.current - guest.resident),
    guest.fillRate * AHEAD + Math.max(0, peakDemand(guest, time, AHEAD) - guest.resident),
  );

const peakDemand = (guest: SimulatedGuest, time: number, ahead: number): number =>
  Math.max(...[0, 0.25, 0.5, 0.75, 1].map((part) => guest.demand(time + part * ahead)));

/** Returns the division that serves guarantees, then working sets, then files, then the rest, evenly. */
export function fairParts(world: World, time: number, ahead = AHEAD): number[] {
  const { guests, total, available } = world;
  const backed = guests.reduce(
    (sum, { resident, current }) => sum + Math.min(resident, current),
    available,
  );
  const levels = guests.map((guest) => levelsOf(guest, time, ahead));
  let parts = levels.map(([floor]) => floor ?? 0);
  for (const [stage, kept] of [RESERVE, GOAL, GOAL].entries()) {
    const budget = backed - total * (kept + MARGIN);
    const next = levels.map((level) => level[stage + 1] ?? 0);
    if (next.reduce((sum, size) => sum + size, 0) > budget) {
      return raised(guests, parts, next, budget);
    }
    parts = next;
  }
  return parts;
}

function levelsOf(guest: SimulatedGuest, time: number, ahead: number): number[] {
  // A guest that reports nothing, or does not follow, keeps what it has under every policy.
  if (guest.isFixed) return [guest.current, guest.current, guest.current, guest.current];
  const floor = guest.floor(time);
  const peak = peakDemand(guest, time, ahead);
  const used = Math.min(guest.memory, Math.max(floor, peak * 1.02));
  const cached = Math.min(guest.memory, Math.max(used, used + guest.files * 1.02));
  return [floor, used, cached, guest.memory];
}

/** Raises all parts by the same multiple of the weights, found by bisection. */
function raised(
  guests: readonly SimulatedGuest[],
  from: readonly number[],
  to: readonly number[],
  budget: number,
): number[] {
  const at = (level: number): number[] =>
    from.map((low, index) =>
      Math.min(to[index] ?? low, low + level * (guests[index]?.plan.weight ?? 1)),
    );
  let [low, high] = [0, 2 ** 40];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (at(middle).reduce((sum, size) => sum + size, 0) > budget) high = middle;
    else low = middle;
  }
  return at(low);
}
