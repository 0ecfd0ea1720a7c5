import { run } from './run.ts';
import type { Measures } from './measures.ts';
import type { Scenario } from './scenario.ts';

/** The measures of one scenario under each contender. */
export interface Result {
  readonly scenario: Scenario;
  readonly of: Readonly<Record<'mom' | 'adaptive' | 'oracle', Measures>>;
}

export interface Verdict {
  readonly bar: string;
  readonly isReached: boolean;
  readonly found: string;
}

/** Swap traffic of the guests and of the host that swaps them. */
export const swapTraffic = ({ swapped, hostSwapped }: Measures): number => swapped + hostSwapped;

/** Amounts below this are no traffic, in GiB. */
const NOTHING = 0.1;

/** Holds what was measured against what `adaptive` is to reach beside `mom`; leaves out what no scenario is about. */
export const verdicts = (results: readonly Result[]): Verdict[] => {
  const about = (measure: keyof Measures): boolean =>
    results.some(({ of }) => of.adaptive[measure] !== undefined);
  return [
    ...(about('turns') ? [rest(results)] : []),
    ...(about('restoredAfter') ? [restored(results)] : []),
    ...(about('servedAfter') ? [served(results)] : []),
    neverBelow(results),
    ...traffic(results),
    nearOracle(results),
  ];
};

function rest(results: readonly Result[]): Verdict {
  const steady = results.filter(({ of }) => of.mom.turns !== undefined);
  const cycling = steady.filter(({ of }) => (of.mom.turns ?? 0) > 2);
  const worst = Math.max(0, ...steady.map(({ of }) => of.adaptive.turns ?? 0));
  return {
    bar: 'at most 2 direction changes per VM-hour in steady scenarios',
    isReached: worst <= 2,
    found: `at most ${worst.toFixed(1)}; mom cycles in ${String(cycling.length)} of ${String(steady.length)}, up to ${Math.max(0, ...cycling.map(({ of }) => of.mom.turns ?? 0)).toFixed(0)}`,
  };
}

function restored(results: readonly Result[]): Verdict {
  const steps = results.filter(({ of }) => of.adaptive.restoredAfter !== undefined);
  const worst = Math.max(0, ...steps.map(({ of }) => of.adaptive.restoredAfter ?? 0));
  return {
    bar: '20 % free restored in at most 45 s after a step',
    isReached: worst <= 45,
    found: steps
      .map(
        ({ scenario, of }) =>
          `${scenario.name} ${seconds(of.adaptive.restoredAfter)} (mom ${seconds(of.mom.restoredAfter)})`,
      )
      .join(', '),
  };
}

function served(results: readonly Result[]): Verdict {
  const starving = results.filter(({ of }) => of.adaptive.servedAfter !== undefined);
  const worst = Math.max(0, ...starving.map(({ of }) => of.adaptive.servedAfter ?? 0));
  return {
    bar: 'a starving guest is served within 3 rounds (15 s)',
    isReached: worst <= 15,
    found: starving
      .map(
        ({ scenario, of }) =>
          `${scenario.name} ${seconds(of.adaptive.servedAfter)} (mom ${seconds(of.mom.servedAfter)})`,
      )
      .join(', '),
  };
}

function neverBelow(results: readonly Result[]): Verdict {
  const grown = (who: 'mom' | 'adaptive'): number =>
    results.reduce((sum, { of }) => sum + of[who].overGrown, 0);
  const relief = results.find(({ scenario }) => scenario.name === 'relief');
  const least =
    relief &&
    `; on a host with 21 % free it leaves ${percent(relief.of.adaptive.leastAvailable)} (mom ${percent(relief.of.mom.leastAvailable)})`;
  return {
    bar: 'never grows guests into the reserve',
    isReached: grown('adaptive') < NOTHING,
    found: `${grown('adaptive').toFixed(2)} GiB (mom ${grown('mom').toFixed(1)} GiB)${least ?? ''}`,
  };
}

function traffic(results: readonly Result[]): Verdict[] {
  const all = (who: keyof Result['of'], of = swapTraffic): number =>
    results.reduce((sum, result) => sum + of(result.of[who]), 0);
  const less = (who: 'adaptive' | 'oracle', of = swapTraffic): number =>
    all('mom', of) / all(who, of);
  const guests = ({ swapped }: Measures): number => swapped;
  const found = (of = swapTraffic): string =>
    `${less('adaptive', of).toFixed(1)} times less, the oracle ${less('oracle', of).toFixed(1)} times`;
  const worse = results.filter(
    ({ of }) => swapTraffic(of.adaptive) > swapTraffic(of.mom) * 1.05 + NOTHING,
  );
  return [
    {
      bar: 'at least 5 times less swap traffic of guests and host over all scenarios',
      isReached: less('adaptive') >= 5,
      found: found(),
    },
    {
      bar: 'at least 5 times less in guests alone, while mom lets the host swap',
      isReached: less('adaptive', guests) >= 5,
      found: found(guests),
    },
    {
      bar: 'more swap traffic by 5 % in no scenario',
      isReached: worse.length === 0,
      found:
        worse.length === 0 ?
          'in none'
        : `in ${worse.map(({ scenario }) => scenario.name).join(', ')}`,
    },
  ];
}

function nearOracle(results: readonly Result[]): Verdict {
  const all = (who: 'adaptive' | 'oracle', of: (measures: Measures) => number): number =>
    results.reduce((sum, result) => sum + of(result.of[who]), 0);
  const swap = all('adaptive', swapTraffic) / all('oracle', swapTraffic);
  const stall = all('adaptive', ({ stalled }) => stalled) / all('oracle', ({ stalled }) => stalled);
  return {
    bar: 'within 1.3 times of an allocator that knows working sets in advance',
    isReached: swap <= 1.3 && stall <= 1.3,
    found: `${swap.toFixed(2)} times its swap traffic, ${stall.toFixed(2)} times its stall time, over all scenarios`,
  };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const seconds = (time: number | undefined): string =>
  time === undefined ? 'unknown'
  : Number.isFinite(time) ? `${time.toFixed(0)} s`
  : 'never';

/** Runs a scenario under each contender. */
export const judged = (
  scenario: Scenario,
): Result & {
  readonly runs: Readonly<Record<'mom' | 'adaptive' | 'oracle', ReturnType<typeof run>>>;
} => {
  const runs = {
    mom: run(scenario, 'mom'),
    adaptive: run(scenario, 'adaptive'),
    oracle: run(scenario, 'oracle'),
  };
  return {
    scenario,
    runs,
    of: { mom: runs.mom.measures, adaptive: runs.adaptive.measures, oracle: runs.oracle.measures },
  };
};
