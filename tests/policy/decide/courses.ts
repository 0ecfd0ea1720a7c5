import { KiB } from '../../../src/common/units.ts';
import type {
  Decision,
  GuestFigures,
  HostFigures,
} from '../../../src/policy/decide/round/round.ts';

const GIB = 1024 ** 2;

/** Numbers from 0 to 1 that are the same in every run (mulberry32, by Tommy Ettinger). */
function drawing(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Guest {
  readonly name: string;
  readonly memory: number;
  /** Absent for a guest without a guarantee. */
  readonly floor: number | undefined;
  readonly weight: number;
  /** How far its balloon moves in a round towards its target, as a share. */
  readonly speed: number;
  readonly exempt: GuestFigures['exempt'];
  current: number;
  target: number;
  used: number;
  swapIn: number;
  swapOut: number;
  majorFaults: number;
}

const COURSES = 30;
const ROUNDS = 12;

/** Courses of some rounds of a host with guests that use more and less, lack memory, swap, and follow slowly or not. */
export const courses = () => Array.from({ length: COURSES }, (_, seed) => course(seed));

function course(seed: number) {
  const draw = drawing(seed);
  const between = (least: number, most: number): number => least + draw() * (most - least);
  const isRare = (share: number): boolean => draw() < share;
  const guests = Array.from({ length: 1 + Math.floor(draw() * 4) }, (_, index): Guest => {
    const memory = Math.round(between(1, 16) * GIB);
    const current = isRare(0.5) ? memory : Math.round(memory * between(0.2, 1));
    return {
      name: `vm${index}`,
      memory,
      floor: isRare(0.05) ? undefined : Math.round(memory * between(0, 0.6)),
      weight: isRare(0.3) ? 2 : 1,
      speed: isRare(0.1) ? 0 : between(0.4, 1.2),
      exempt: isRare(0.02) ? 'pinned' : undefined,
      current,
      target: current,
      used: Math.round(current * between(0.1, 0.99)),
      swapIn: 0,
      swapOut: 0,
      majorFaults: 0,
    };
  });
  const total = Math.round((guests.reduce((sum, one) => sum + one.memory, 0) / GIB + 4) * GIB);
  let share = between(0, 0.6);
  let time = 1000;
  const live = (guest: Guest): GuestFigures => {
    guest.current += Math.round((guest.target - guest.current) * Math.min(1, guest.speed));
    if (isRare(0.3)) guest.used = Math.round(guest.memory * between(0.05, 1.02));
    const lack = Math.max(0, guest.used - guest.current);
    guest.swapOut += Math.round(lack * between(0, 0.5));
    guest.swapIn += Math.round(lack * between(0, 0.5));
    guest.majorFaults += Math.round(lack > 0 ? between(0, 4000) : between(0, 20));
    const available = Math.round(guest.current * 0.97);
    const unused = Math.max(0, available - guest.used);
    const caches = Math.round(Math.min(unused, guest.used * 0.3));
    return {
      name: guest.name,
      current: KiB(guest.current),
      memory: KiB(guest.memory),
      resident: KiB(Math.min(guest.current, guest.used + caches)),
      weight: guest.weight,
      reportedAt: time - (isRare(0.1) ? 40 : 2),
      available: KiB(available),
      unused: KiB(unused - caches),
      swapIn: KiB(guest.swapIn),
      swapOut: KiB(guest.swapOut),
      majorFaults: guest.majorFaults,
      ...(isRare(0.95) && { usable: KiB(unused) }),
      ...(isRare(0.9) && { diskCaches: KiB(caches) }),
      ...(guest.floor !== undefined && { floor: KiB(guest.floor) }),
      ...(guest.exempt && { exempt: guest.exempt }),
    };
  };
  const host = (): HostFigures => {
    share = isRare(0.2) ? between(0, 0.6) : Math.min(1, Math.max(0, share + between(-0.03, 0.03)));
    const available = KiB(Math.round(total * share));
    return {
      time,
      total: KiB(total),
      ...(isRare(0.97) && { available }),
      free: KiB(Math.round(available * 0.9)),
      ...(isRare(0.3) && { stall: between(0, 30) }),
    };
  };
  function* rounds() {
    for (let round = 0; round < ROUNDS; round += 1) {
      time += 10;
      yield { host: host(), guests: guests.map(live) };
    }
  }
  return {
    rounds,
    /** Settings of some courses that differ from the defaults. */
    parameters: seed % 5 === 4 ? { twoPhases: false } : {},
    follow: (decisions: readonly Decision[]) => {
      for (const { name, target } of decisions) {
        const guest = guests.find((one) => one.name === name);
        if (guest && target !== undefined) guest.target = target;
      }
    },
  };
}
