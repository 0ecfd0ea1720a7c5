import { KiB } from '../src/common/units.ts';
import { decide, type PolicyMemory } from '../src/policy/decide/decide.ts';
import type { GuestFigures } from '../src/policy/decide/round/round.ts';
import { benchRounds } from './policyRounds.ts';
import { row, type Row } from './row.ts';

const GUESTS = 1000;
const GIB = 1024 ** 2;

/** Measures one round of each policy for 1 000 guests, all with fresh figures that change from round to round. */
export async function benchPolicy({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const rounds = quick ? 100 : 500;
  const decided = (['adaptive', 'mom'] as const).map((algorithm) =>
    row(`decide() for ${String(GUESTS)} guests, ${algorithm}`, 'ms', times(algorithm, rounds)),
  );
  return [...decided, ...(await benchRounds({ quick, vms: quick ? GUESTS / 10 : GUESTS }))];
}

function times(algorithm: 'adaptive' | 'mom', rounds: number): number[] {
  let memory: PolicyMemory = {};
  const took: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const guests = Array.from({ length: GUESTS }, (_, index) => guest(index, round));
    const free = KiB(GUESTS * (round % 2 === 0 ? 1 : 3) * GIB);
    const host = { time: round * 5, total: KiB(GUESTS * 8 * GIB), free, available: free };
    const begin = performance.now();
    const outcome = decide(host, guests, { algorithm }, memory);
    took.push(performance.now() - begin);
    memory = outcome.memory;
  }
  // The first rounds are compiled.
  return took.slice(20);
}

function guest(index: number, round: number): GuestFigures {
  const current = KiB(6 * GIB + (((index * 7 + round) % 64) * GIB) / 32);
  const free = KiB(((index + round) % 5) * GIB);
  return {
    name: `vm${String(index)}`,
    current,
    floor: KiB(2 * GIB),
    memory: KiB(8 * GIB),
    weight: 1 + (index % 4),
    resident: current,
    reportedAt: round * 5,
    available: current,
    unused: free,
    usable: free,
    swapIn: KiB(round * index * 10),
    swapOut: KiB(round * index * 10),
    majorFaults: round * index,
  };
}
