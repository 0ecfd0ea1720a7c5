import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { KiB } from '../src/common/units.ts';
import { decide, type PolicyMemory } from '../src/policy/decide/decide.ts';
import type { GuestFigures } from '../src/policy/decide/round/round.ts';
import { build, root } from './build.ts';
import { benchRounds } from './policyRounds.ts';
import { compared, type Pair, type Row } from './row.ts';

const GUESTS = 1000;
const GIB = 1024 ** 2;
/** Rounds in which code is compiled. */
const WARM_UP = 50;

/**
 * Measures one round of each policy for 1 000 guests whose figures are fresh and change from round to round, and the
 * command that decides such a round from its text.
 */
export async function benchPolicy({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  await build();
  const rounds = quick ? 100 : 500;
  return [
    ...(['adaptive', 'mom'] as const).map((algorithm) => decided(algorithm, rounds)),
    await decideCommand(quick ? 2 : 7),
    // they have no ratio that a short run could be guarded by
    ...(quick ? [] : await benchRounds([GUESTS / 10, GUESTS])),
  ];
}

/** The time per guest must not grow with their number: both in turns, so that they meet the same machine. */
function decided(algorithm: Algorithm, rounds: number): Row {
  const [all, tenth] = [deciding(algorithm, GUESTS), deciding(algorithm, GUESTS / 10)];
  const pairs: Pair[] = [];
  for (let round = -WARM_UP; round < rounds; round++) {
    const pair = { ours: all(), theirs: 10 * tenth() };
    if (round >= 0) pairs.push(pair);
  }
  const name = `decide() for ${String(GUESTS)} guests, ${algorithm}`;
  return compared(name, 'ms', pairs, 'ten times that for 100');
}

type Algorithm = 'adaptive' | 'mom';

/** Returns what decides the next round of so many guests, and returns how long it took in milliseconds. */
function deciding(algorithm: Algorithm, count: number): () => number {
  let memory: PolicyMemory = {};
  let round = 0;
  return () => {
    const { host, guests } = figuresOf(count, round++);
    const begin = performance.now();
    const outcome = decide(host, guests, { algorithm }, memory);
    memory = outcome.memory;
    return performance.now() - begin;
  };
}

function figuresOf(count: number, round: number) {
  const guests = Array.from({ length: count }, (_, index) => guest(index, round));
  const free = KiB(count * (round % 2 === 0 ? 1 : 3) * GIB);
  const host = { time: round * 5, total: KiB(count * 8 * GIB), free, available: free };
  return { host, guests };
}

/** Measures the command for one round of 1 000 guests, from its start to its end, beside a program that does nothing. */
async function decideCommand(runs: number): Promise<Row> {
  const pairs: Pair[] = [];
  const input = lineOf(figuresOf(GUESTS, 1));
  for (let turn = 0; turn < runs; turn++) {
    const ours = await timeOf(['dist/vmemd/main.cjs', 'decide'], input);
    pairs.push({ ours, theirs: await timeOf(['--eval', ''], '') });
  }
  const name = `vmemd decide, a round of ${String(GUESTS)} guests`;
  return compared(name, 'ms', pairs, 'node without a program');
}

/** A round as the command reads it. */
const lineOf = ({ host, guests }: ReturnType<typeof figuresOf>): string => {
  const { time, total, free, available } = host;
  const named = guests.map((each) => ({
    name: each.name,
    balloon_cur: each.current,
    balloon_min: each.floor,
    balloon_max: each.memory,
    weight: each.weight,
    available: each.available,
    unused: each.unused,
    usable: each.usable,
    swap_in: each.swapIn,
    rss: each.resident,
    last_update: each.reportedAt,
  }));
  const figures = { mem_total: total, mem_available: available, mem_free: free };
  return `${JSON.stringify({ time, host: figures, guests: named })}\n`;
};

/** Returns how long Node runs with these arguments, in milliseconds; throws if it fails. */
async function timeOf(args: readonly string[], input: string): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(input);
  const [status] = (await once(child, 'exit')) as [number | null];
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${String(status)}`);
  return performance.now() - began;
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
