import { KiB } from '../../src/common/units.ts';
import { decide, type PolicyMemory } from '../../src/policy/decide/decide.ts';
import type { AdaptiveParameters } from '../../src/policy/decide/adaptive/parameters.ts';
import type { GuestFigures } from '../../src/policy/decide/round/round.ts';

/** A VM of squeezed's own simulator; its sizes are taken as MiB. */
export interface SqueezedVm {
  readonly least: number;
  readonly target: number;
  readonly most: number;
  /** MiB per second; 0 if the balloon never moves. */
  readonly rate: number;
  /** It does not go below this. */
  readonly stop?: number;
  /** It moves and rests for so many seconds in turn. */
  readonly rests?: number;
  readonly weight?: number;
}

export interface SqueezedScenario {
  readonly id: string;
  readonly what: string;
  readonly vms: readonly SqueezedVm[];
  readonly free: number;
  readonly needed: number;
  readonly succeeds: boolean;
  readonly change?: Partial<AdaptiveParameters>;
}

const a: readonly SqueezedVm[] = [
  { least: 1000, target: 1500, most: 2000, rate: 100, stop: 1250 },
  { least: 2500, target: 3500, most: 4500, rate: 500, rests: 0.25 },
];
const e: readonly SqueezedVm[] = [
  { least: 5000, target: 7000, most: 7000, rate: 0, weight: 0.1 },
  { least: 5000, target: 6000, most: 11_000, rate: 500 },
];
const pair = (stop?: number): readonly SqueezedVm[] => [
  { least: 1000, target: 1500, most: 2000, rate: 100 },
  { least: 2000, target: 2500, most: 3500, rate: 100, ...(stop !== undefined && { stop }) },
];

export const scenarios: readonly SqueezedScenario[] = [
  {
    id: 'a',
    what: 'one VM stops above its floor, one rests now and then',
    vms: a,
    free: 0,
    needed: 1000,
    succeeds: true,
  },
  {
    id: 'b',
    what: 'both rest for seconds',
    vms: a.map((vm, index) => ({ ...vm, rests: index === 0 ? 3 : 1.5 })),
    free: 0,
    needed: 1000,
    succeeds: true,
  },
  {
    id: 'c',
    what: 'the floors leave too little',
    vms: pair(),
    free: 0,
    needed: 1500,
    succeeds: false,
  },
  {
    id: 'd',
    what: 'one VM is stuck above its floor, and too little is left',
    vms: pair(2250),
    free: 0,
    needed: 1000,
    succeeds: false,
  },
  {
    id: 'e',
    what: 'one VM never moves, the other frees all',
    vms: e,
    free: 0,
    needed: 1000,
    succeeds: true,
  },
  {
    id: 'f',
    what: 'as e, without two phases',
    vms: e,
    free: 0,
    needed: 1000,
    succeeds: false,
    change: { twoPhases: false },
  },
  {
    id: 'g',
    what: 'as a, without making up for what a VM does not give',
    vms: a,
    free: 0,
    needed: 1000,
    succeeds: false,
    change: { patience: Infinity, stuckAfter: Infinity },
  },
  {
    id: 'h',
    what: 'one VM is at its cap, the other takes what is free',
    vms: [
      { least: 1000, target: 1500, most: 1500, rate: 100 },
      { least: 1000, target: 1500, most: 4000, rate: 100 },
    ],
    free: 1000,
    needed: 0,
    succeeds: true,
  },
];

const MIB = 1024;
const SECONDS = 120;
const INTERVAL = 2;

export interface SqueezedResult {
  readonly id: string;
  readonly what: string;
  readonly expected: boolean;
  readonly hasSucceeded: boolean;
  readonly detail: string;
}

/** The VMs of a scenario, and the host that they share; sizes in MiB. */
export class SqueezedHost {
  readonly total: number;
  readonly #vms: readonly SqueezedVm[];
  readonly #actual: number[];
  readonly #targets: number[];
  #time = 0;

  constructor(vms: readonly SqueezedVm[], free: number) {
    this.total = free + vms.reduce((sum, { target }) => sum + target, 0);
    this.#vms = vms;
    this.#actual = vms.map(({ target }) => target);
    this.#targets = [...this.#actual];
  }

  get available(): number {
    return this.total - this.#actual.reduce((sum, size) => sum + size, 0);
  }

  /** Moves on by one second. */
  advance(): void {
    this.#time += 1;
    for (const [index, vm] of this.#vms.entries()) {
      this.#actual[index] = moved(vm, this.#size(index), this.#targets[index] ?? 0, this.#time);
    }
  }

  get figures(): readonly GuestFigures[] {
    return this.#vms.map((vm, index) =>
      figuresOf(vm, `vm${String(index + 1)}`, this.#size(index), this.#time),
    );
  }

  setTarget(name: string, target: number): void {
    this.#targets[Number(name.slice(2)) - 1] = target;
  }

  #size(index: number): number {
    return this.#actual[index] ?? 0;
  }
}

/** Plays a scenario: it succeeds if what is needed gets free, and nothing is given before it is free. */
function play({ id, what, vms, free, needed, succeeds, change }: SqueezedScenario): SqueezedResult {
  const host = new SqueezedHost(vms, free);
  const share = needed / host.total;
  const shares = { goal: share, reserve: share, margin: 0, comfort: 0, calm: 0 };
  const parameters = { algorithm: 'adaptive' as const, ...shares, ...change };
  const stuck = new Set<string>();
  let memory: PolicyMemory = {};
  let least = free;
  for (let time = 1; time <= SECONDS; time++) {
    host.advance();
    least = Math.min(least, host.available);
    if (time % INTERVAL !== 0) continue;
    const available = KiB(Math.max(0, host.available * MIB));
    const figures = { time, total: KiB(host.total * MIB), available };
    const outcome = decide(figures, host.figures, parameters, memory);
    memory = outcome.memory;
    for (const { name, target, reason } of outcome.decisions) {
      if (target !== undefined) host.setTarget(name, target / MIB);
      if (reason.rule === 'stuck') stuck.add(name);
    }
  }
  const isDone = needed > 0 ? host.available >= needed - 1 : host.available < free / 10;
  const overspent = least < 0 ? [`${(-least).toFixed(0)} given before they were free`] : [];
  const named = stuck.size > 0 ? [`stuck: ${[...stuck].join(', ')}`] : [];
  const found = `${host.available.toFixed(0)} free of ${String(needed)} needed`;
  return {
    id,
    what,
    expected: succeeds,
    hasSucceeded: isDone && least >= 0,
    detail: [found, ...overspent, ...named].join(', '),
  };
}

function moved(
  { rate, stop = 0, rests }: SqueezedVm,
  actual: number,
  target: number,
  time: number,
): number {
  const isResting = rests !== undefined && Math.floor(time / rests) % 2 === 1;
  if (isResting) return actual;
  const aim = Math.max(target, Math.min(stop, actual));
  return actual + Math.sign(aim - actual) * Math.min(rate, Math.abs(aim - actual));
}

const figuresOf = (
  { least, most, weight = 1 }: SqueezedVm,
  name: string,
  actual: number,
  time: number,
): GuestFigures => ({
  name,
  current: KiB(actual * MIB),
  floor: KiB(least * MIB),
  memory: KiB(most * MIB),
  weight,
  resident: KiB(actual * MIB),
  reportedAt: time,
  available: KiB(actual * MIB),
  usable: KiB((actual - least * 0.9) * MIB),
});

/** Returns the results of squeezed's eight scenarios as Markdown. */
export function squeezedReport(): string {
  return scenarios
    .map(play)
    .map(({ id, what, expected, hasSucceeded, detail }) => {
      const verdict = expected === hasSucceeded ? 'as it must' : '**not as it must**';
      return `* ${id}: ${what}: ${hasSucceeded ? 'succeeds' : 'fails'}, ${verdict}; ${detail}`;
    })
    .join('\n');
}

export const squeezedResults = (): readonly SqueezedResult[] => scenarios.map(play);
