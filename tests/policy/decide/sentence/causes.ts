import fc from 'fast-check';
import { formatSize } from '../../../../src/common/formatSize.ts';
import { KiB } from '../../../../src/common/units.ts';
import { decide, type PolicyMemory } from '../../../../src/policy/decide/decide.ts';
import { EXEMPTIONS } from '../../../../src/policy/decide/lines/fields.ts';
import type {
  Decision,
  GuestFigures,
  HostFigures,
  HostReason,
} from '../../../../src/policy/decide/round/round.ts';

const GIB = 1024 ** 2;

/** A decision in the round that it was made in. */
export interface Made {
  readonly decision: Decision;
  readonly guest: GuestFigures;
  readonly host: HostReason;
}

/** The rule, what limited it, and which way the balloon is sent: `host-short, step, shrink`. */
export function causeOf({ decision: { target, reason }, guest }: Made): string {
  const way =
    target === undefined || guest.current === undefined ? undefined
    : formatSize(target) === formatSize(guest.current) ? 'same'
    : target > guest.current ? 'grow'
    : 'shrink';
  return [reason.rule, reason.bound, way].filter((part) => part !== undefined).join(', ');
}

/** What happens to a guest between two rounds. */
const happening = fc.record({
  /** What it uses, as a share of its memory. */
  used: fc.double({ min: 0.01, max: 1, noNaN: true }),
  caches: fc.double({ min: 0, max: 0.3, noNaN: true }),
  swaps: fc.boolean(),
  faults: fc.constantFrom(0, 0, 10_000),
  /** How far its balloon goes of the way to its target. */
  follows: fc.constantFrom(1, 1, 1, 0.1, 0),
  reports: fc.constantFrom(true, true, true, false),
  isReported: fc.constantFrom(true, true, true, true, false),
});

const guest = fc.record({
  memory: fc.integer({ min: GIB, max: 16 * GIB }),
  current: fc.double({ min: 0.1, max: 1, noNaN: true }),
  floor: fc.oneof(
    { weight: 19, arbitrary: fc.double({ min: 0, max: 0.9, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  ),
  weight: fc.constantFrom(1, 1, 4),
  exempt: fc.oneof(
    { weight: 9, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...EXEMPTIONS) },
  ),
  lacks: fc.constantFrom(undefined, undefined, undefined, undefined, 'current', 'memory', 'floor'),
  life: fc.array(happening, { minLength: 12, maxLength: 12 }),
});

/** The life of a host over some rounds: its free memory as a share of it, and the seconds since the last round. */
export const lives = fc.record({
  algorithm: fc.constantFrom('adaptive', 'mom'),
  flavour: fc.constantFrom('vdsm', 'mom-doc'),
  available: fc.array(
    fc.oneof(
      fc.constant(undefined),
      ...[0.02, 0.1, 0.19, 0.3, 0.6].map((share) => fc.constant(share)),
    ),
    { minLength: 12, maxLength: 12 },
  ),
  calm: fc.boolean(),
  stall: fc.constantFrom(undefined, undefined, undefined, 50),
  pause: fc.constantFrom(5, 5, 30),
  guests: fc.array(guest, { minLength: 1, maxLength: 5 }),
});

type Life = typeof lives extends fc.Arbitrary<infer Value> ? Value : never;
type Guest = Life['guests'][number];

/** Returns all that is decided in a life. */
export function* madeIn(life: Life): Generator<Made> {
  let memory: PolicyMemory = {};
  const current = life.guests.map((one) => Math.round(one.current * one.memory));
  const counters = life.guests.map(() => ({ swapped: 0, faults: 0, seen: 0 }));
  for (const [index, share] of life.available.entries()) {
    const time = 1000 + index * life.pause;
    const host = hostOf(time, life.calm ? life.available[0] : share, life.stall);
    const guests = life.guests.map((one, at) => {
      const now = one.life[index];
      const counter = counters[at];
      if (!now || !counter) throw new Error('a life is too short');
      if (now.swaps) counter.swapped += 100_000;
      counter.faults += now.faults;
      if (now.reports) counter.seen = time;
      return figuresOf(one, now, {
        name: `vm${String(at)}`,
        current: current[at] ?? 0,
        ...counter,
      });
    });
    const parameters =
      life.algorithm === 'mom' ?
        { algorithm: life.algorithm, flavour: life.flavour }
      : { algorithm: life.algorithm };
    const outcome = decide(host, guests, parameters, memory);
    memory = outcome.memory;
    for (const [at, decision] of outcome.decisions.entries()) {
      const figures = guests[at];
      if (!figures) throw new Error('a decision for nobody');
      yield { decision, guest: figures, host: outcome.hostReason };
      const from = current[at] ?? 0;
      const follows = life.guests[at]?.life[index]?.follows ?? 1;
      current[at] = Math.round(from + ((decision.target ?? from) - from) * follows);
    }
  }
}

const hostOf = (
  time: number,
  share: number | undefined,
  stall: number | undefined,
): HostFigures => ({
  time,
  total: KiB(64 * GIB),
  ...(share !== undefined && {
    free: KiB(Math.round(share * 64 * GIB)),
    available: KiB(Math.round(share * 64 * GIB)),
  }),
  ...(stall !== undefined && { stall }),
});

/** A guest's balloon and its counters so far. */
interface Seen {
  readonly name: string;
  readonly current: number;
  readonly swapped: number;
  readonly faults: number;
  readonly seen: number;
}

function figuresOf(
  { memory, floor, weight, exempt, lacks }: Guest,
  { used, caches, isReported }: Guest['life'][number],
  { name, current, swapped, faults, seen }: Seen,
): GuestFigures {
  const uses = Math.min(current, Math.round(used * memory));
  const cache = Math.min(current - uses, Math.round(caches * memory));
  return {
    name,
    weight,
    ...(exempt !== undefined && { exempt }),
    ...(lacks !== 'current' && { current: KiB(current) }),
    ...(lacks !== 'memory' && { memory: KiB(memory) }),
    ...(floor !== undefined && {
      floor: KiB(lacks === 'floor' ? NaN : Math.round(floor * memory)),
    }),
    ...(isReported && {
      reportedAt: seen,
      available: KiB(current),
      unused: KiB(current - uses - cache),
      usable: KiB(current - uses),
      diskCaches: KiB(cache),
      swapIn: KiB(swapped),
      swapOut: KiB(swapped * 2),
      majorFaults: faults,
    }),
  };
}
