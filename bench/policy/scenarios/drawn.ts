import type { Behaviour } from '../../../src/host/simulated/guest/behaviour.ts';
import { between, random } from '../../../src/host/simulated/guest/random.ts';
import { KiB, Milliseconds } from '../../../src/common/units.ts';
import type { GuestPlan, Scenario } from '../scenario.ts';
import {
  bursts,
  churning,
  ramp,
  reading,
  type Shape,
  steady,
  step,
  streaming,
  wave,
} from './shapes.ts';

const MINUTES = 60;
const SECONDS = MINUTES * 60;

/** Draws numbers and choices that depend only on the scenario's seed and on what they are for. */
class Draw {
  readonly #seed: number;
  readonly #subject: string;

  constructor(seed: number, subject: string) {
    this.#seed = seed;
    this.#subject = subject;
  }

  number(low: number, high: number, what: string): number {
    return between(low, high, this.#seed, `${this.#subject} ${what}`);
  }

  chance(share: number, what: string): boolean {
    return random(this.#seed, `${this.#subject} ${what}`) < share;
  }

  one<T>(choices: readonly [T, ...T[]], what: string): T {
    return choices[Math.floor(this.number(0, choices.length, what))] ?? choices[0];
  }
}

/** Returns a scenario whose sizes, loads and faults are drawn by `seed`. */
export function drawn(seed: number): Scenario {
  const draw = new Draw(seed, 'host');
  const count = Math.round(draw.number(2, 24, 'guests'));
  const guests = Array.from({ length: count }, (_, index) => drawnGuest(seed, index));
  const memory = guests.reduce((sum, guest) => sum + guest.memory, 0);
  const total = memory / draw.number(0.9, 2, 'overcommitment') + 4;
  // The host has room for all working sets most of the time, not always.
  const peak = peakOf(guests);
  const scale = Math.min(1, (total * draw.number(0.5, 0.95, 'load')) / peak);
  const own = drawnShape(draw, total * 0.03, total * draw.number(0.05, 0.25, 'own'));
  return {
    name: `drawn ${String(seed)}`,
    what: `${String(count)} guests of together ${memory.toFixed(0)} GiB on a host of ${total.toFixed(0)} GiB`,
    host: { total, own },
    minutes: MINUTES,
    guests: guests.map((guest) => ({
      ...guest,
      floor: Math.min(guest.floor, guest.memory * scale),
      workingSet: (time) => guest.workingSet(time) * scale,
    })),
  };
}

function peakOf(guests: readonly GuestPlan[]): number {
  const times = Array.from({ length: MINUTES }, (_, minute) => minute * 60);
  return Math.max(
    ...times.map((time) => guests.reduce((sum, { workingSet }) => sum + workingSet(time), 0)),
  );
}

function drawnGuest(seed: number, index: number): GuestPlan {
  const draw = new Draw(seed, `guest ${String(index)}`);
  const memory = draw.one([1, 2, 4, 8, 16], 'memory');
  const low = memory * draw.number(0.1, 0.5, 'low');
  const high = low + (memory * 0.9 - low) * draw.number(0.2, 1, 'high');
  return {
    name: `vm${String(index + 1)}`,
    memory,
    floor: memory * draw.number(0.1, 0.5, 'floor'),
    weight: draw.one([1, 1, 1, 2, 4], 'weight'),
    startsAt: draw.chance(0.15, 'starts late') ? Math.round(draw.number(300, 2400, 'start')) : 0,
    workingSet: drawnShape(draw, low, high),
    workload: drawnWorkload(draw, memory),
    behaviour: drawnBehaviour(draw),
    ...(draw.chance(0.05, 'reboots') && {
      rebootsAt: Math.round(draw.number(600, 3000, 'reboot')),
    }),
  };
}

function drawnShape(draw: Draw, low: number, high: number): Shape {
  const at = draw.number(300, SECONDS, 'at');
  const period = draw.number(600, SECONDS, 'period');
  const phase = draw.number(0, 1, 'phase');
  return draw.one<Shape>(
    [
      steady((low + high) / 2),
      step(low, at, high),
      step(high, at, low),
      ramp(low, at, high, at + period / 2),
      wave(low, high, period, phase),
      bursts(low, high, { length: draw.number(30, 300, 'burst'), period, phase }),
    ],
    'shape',
  );
}

const drawnWorkload = (draw: Draw, memory: number): NonNullable<GuestPlan['workload']> => {
  const rate = memory * draw.number(1, 15, 'rate');
  return draw.one([streaming(rate), churning(rate), reading(memory * 0.3, rate)], 'workload');
};

const drawnBehaviour = (draw: Draw): Partial<Behaviour> => ({
  balloonDelay: Milliseconds(draw.number(50, 2000, 'delay')),
  balloonRate: KiB(1024 * draw.number(64, 1024, 'balloon rate')),
  ...(draw.chance(0.05, 'stuck') && { balloonRate: KiB(1) }),
  ...(draw.chance(0.08, 'silent') && { statistics: false }),
});
