import { fairParts } from './oracle.ts';
import type { SimulatedGuest } from './guest.ts';
import type { Targets } from './contender.ts';
import { GIB } from './scenario.ts';
import type { World } from './world.ts';

/** The share that the host is to have available, and the one that growth may leave. */
const GOAL = 0.2;
const RESERVE = 0.05;
/** Time in which guests boot and fill, which is not measured. */
const WARM_UP = 60;
/** What a page costs that has to be read from a disk: 0.1 ms for 4 KiB. */
const STALL_PER_KIB = 0.1e-3 / 4;
/** Time after which a page in the host's swap is used again, in seconds. */
const REUSE = 60;
/** The time, in seconds, for which freed memory covers growth. */
const PAID_FOR = 60;
/** The reserve counts as restored once it has been there for so long, in seconds. */
const RESTORED_FOR = 15;

export interface Measures {
  /** Guests' swap traffic, in GiB. */
  readonly swapped: number;
  /** Swap traffic of the host, whose pages are used again like those of guests, in GiB. */
  readonly hostSwapped: number;
  /** Time that guests waited for swap, theirs or the host's, and for page cache that they read again, in seconds. */
  readonly stalled: number;
  /** Seconds that the host had less than its reserve, and the least that it had, as a share. */
  readonly belowReserve: number;
  readonly leastAvailable: number;
  /** Growth beyond what was freed or above the reserve, in GiB. */
  readonly overGrown: number;
  /** Seconds from the step until the host had its reserve again; Infinity if never. */
  readonly restoredAfter?: number;
  /** Seconds until the starving guest first grew; Infinity if never. */
  readonly servedAfter?: number;
  /** Direction changes per VM-hour, while nothing else changes. */
  readonly turns?: number;
  /** How far balloons moved, in GiB. */
  readonly traffic: number;
  readonly calls: number;
  /** Share of the fair parts that was at other guests, on average. */
  readonly unfairness: number;
}

/** Collects the measures of one run. */
export class Observer {
  readonly #world: World;
  readonly #last = new Map<string, { current: number; swapped: number; stalled: number }>();
  readonly #direction = new Map<string, number>();
  readonly #totals: number[] = [];
  #swapped = 0;
  #stalled = 0;
  #hostSwapped = 0;
  #hostLacks = 0;
  #below = 0;
  #least = Infinity;
  #overGrown = 0;
  #restoredAt: number | undefined;
  #servedAt: number | undefined;
  #turns = 0;
  #traffic = 0;
  #calls = 0;
  #unfairness = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Takes note of the targets before they are set. */
  sent(targets: Targets): void {
    const { time, guests, available, total } = this.#world;
    this.#calls += targets.size;
    let committed = 0;
    for (const guest of guests) {
      const target = targets.get(guest.plan.name);
      // A guarantee is given whatever the host has.
      const isOwed = guest.current < guest.floor(time);
      committed += target === undefined || isOwed ? guest.current : target;
      if (target !== undefined && target !== guest.current) this.#noteMove(guest, target);
    }
    const before = Math.max(...this.#totals.slice(-PAID_FOR), 0);
    const beyond = committed - before - Math.max(0, available - total * RESERVE);
    if (time > WARM_UP && guests.length > 0) this.#overGrown += Math.max(0, beyond);
  }

  #noteMove({ plan: { name }, current }: SimulatedGuest, target: number): void {
    const { time, scenario } = this.#world;
    const { starving, steadyFrom = Infinity } = scenario;
    const direction = Math.sign(target - current);
    const isTurn = this.#direction.get(name) === -direction;
    if (isTurn && time >= steadyFrom) this.#turns += 1;
    this.#direction.set(name, direction);
    if (name !== starving?.guest || direction < 0) return;
    if (time >= starving.from) this.#servedAt ??= time;
  }

  /** Takes note of the second that has passed. */
  passed(): void {
    const { time, guests, available, total } = this.#world;
    this.#totals.push(guests.reduce((sum, { current }) => sum + current, 0));
    for (const guest of guests) this.#note(guest.plan.name, guest.current, guest.counters);
    if (time <= WARM_UP) return;
    const share = available / total;
    if (share < GOAL) this.#below += 1;
    this.#noteHostSwap(Math.max(0, -available));
    this.#least = Math.min(this.#least, share);
    this.#noteRestored(time, share);
    this.#unfairness += unfairness(this.#world);
  }

  #note(name: string, current: number, counters: { swapped: number; stalled: number }): void {
    const last = this.#last.get(name);
    this.#last.set(name, { current, ...counters });
    if (!last) return;
    this.#traffic += Math.abs(current - last.current);
    this.#swapped += Math.max(0, counters.swapped - last.swapped);
    this.#stalled += Math.max(0, counters.stalled - last.stalled);
  }

  #noteHostSwap(lacking: number): void {
    const used = lacking / REUSE;
    this.#hostSwapped += Math.abs(lacking - this.#hostLacks) + 2 * used;
    this.#stalled += used + Math.max(0, this.#hostLacks - lacking);
    this.#hostLacks = lacking;
  }

  #noteRestored(time: number, share: number): void {
    if (time <= (this.#world.scenario.stepAt ?? Infinity)) return;
    if (share < GOAL && time - (this.#restoredAt ?? time) < RESTORED_FOR)
      this.#restoredAt = undefined;
    else if (share >= GOAL) this.#restoredAt ??= time;
  }

  result(): Measures {
    const { time, guests, scenario } = this.#world;
    const { stepAt, starving, steadyFrom } = scenario;
    const hours = (time - (steadyFrom ?? time)) / 3600;
    return {
      swapped: this.#swapped / GIB,
      hostSwapped: this.#hostSwapped / GIB,
      stalled: this.#stalled * STALL_PER_KIB,
      belowReserve: this.#below,
      leastAvailable: this.#least,
      overGrown: this.#overGrown / GIB,
      ...(stepAt !== undefined && { restoredAfter: (this.#restoredAt ?? Infinity) - stepAt }),
      ...(starving && { servedAfter: (this.#servedAt ?? Infinity) - starving.from }),
      ...(hours > 0 && { turns: this.#turns / hours / guests.length }),
      traffic: this.#traffic / GIB,
      calls: this.#calls,
      unfairness: this.#unfairness / Math.max(1, time - WARM_UP),
    };
  }
}

/** What guests lack of their fair parts of what they use and read again. */
function unfairness(world: World): number {
  const { guests, time } = world;
  const fair = fairParts(world, time, 0);
  let [lacking, wanted] = [0, 0];
  for (const [index, guest] of guests.entries()) {
    const due = Math.min(fair[index] ?? 0, guest.demand(time) + guest.files);
    lacking += Math.max(0, due - guest.current);
    wanted += due;
  }
  return wanted === 0 ? 0 : lacking / wanted;
}
