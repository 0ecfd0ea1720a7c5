import type { Result } from './bars.ts';
import type { Measures } from './measures.ts';

const columns: readonly (readonly [string, (measures: Measures) => number | undefined, number])[] =
  [
    ['swap in guests, GiB', ({ swapped }) => swapped, 1],
    ['swap on the host, GiB', ({ hostSwapped }) => hostSwapped, 1],
    ['stall, s', ({ stalled }) => stalled, 0],
    ['below 20 %, s', ({ belowReserve }) => belowReserve, 0],
    ['least available, %', ({ leastAvailable }) => leastAvailable * 100, 1],
    ['restored after, s', ({ restoredAfter }) => restoredAfter, 0],
    ['turns per VM-hour', ({ turns }) => turns, 1],
    ['moved, GiB', ({ traffic }) => traffic, 0],
    ['calls', ({ calls }) => calls, 0],
    ['unfairness, %', ({ unfairness }) => unfairness * 100, 1],
  ];

/** Returns a Markdown table with a row for each scenario and contender. */
export function table(results: readonly Result[]): string {
  const head = ['scenario', 'policy', ...columns.map(([name]) => name)];
  const rows = results.flatMap(({ scenario, of }) =>
    (['mom', 'adaptive', 'oracle'] as const).map((who, index) => [
      index === 0 ? scenario.name : '',
      who,
      ...columns.map(([, value, digits]) => text(value(of[who]), digits)),
    ]),
  );
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = line(head.map((_, index) => (index < 2 ? '---' : '---:')));
  return [line(head), rule, ...rows.map(line)].join('\n');
}

const text = (value: number | undefined, digits: number): string =>
  value === undefined ? ''
  : Number.isFinite(value) ? value.toFixed(digits).replace(/^-(0\.?0*)$/, '$1')
  : 'never';
