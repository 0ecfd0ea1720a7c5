import type { Milliseconds } from '../common/units.ts';
import { labelText } from './exposition.ts';

export interface DurationsOptions {
  /** Ends in `_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly [first: string, second?: string];
  /** Upper bounds in seconds, rising. */
  readonly buckets: readonly number[];
}

/** Count of durations in each bucket, the last one unbounded, and their sum in milliseconds. */
interface Cell {
  readonly counts: number[];
  sum: number;
}

/**
 * A histogram of durations by one or two labels with few values. Adding a duration takes a fraction of a microsecond;
 * prom-client's histogram validates the labels each time, which takes as long as parsing the request.
 */
export class Durations {
  readonly #options: DurationsOptions;
  readonly #bounds: readonly number[];
  readonly #cells = new Map<string, Map<string | number, Cell>>();

  constructor(options: DurationsOptions) {
    this.#options = options;
    this.#bounds = options.buckets.map((seconds) => seconds * 1000);
  }

  /** Lets the series of these labels begin at 0. */
  expect(first: string, second: string | number = ''): void {
    if (!this.#cells.get(first)?.has(second)) this.#create(first, second);
  }

  add(duration: Milliseconds, first: string, second: string | number = ''): void {
    const cell = this.#cells.get(first)?.get(second) ?? this.#create(first, second);
    let bucket = 0;
    while (duration > (this.#bounds[bucket] ?? Infinity)) bucket++;
    cell.counts[bucket] = (cell.counts[bucket] ?? 0) + 1;
    cell.sum += duration;
  }

  /** Returns the series in Prometheus' text format. */
  exposition(): string {
    const { name, help } = this.#options;
    const lines = [`# HELP ${name} ${help}\n# TYPE ${name} histogram\n`];
    for (const [first, cells] of this.#cells) {
      for (const [second, cell] of cells)
        lines.push(...this.#lines(this.#labels(first, second), cell));
    }
    return lines.join('');
  }

  #create(first: string, second: string | number): Cell {
    const cells = this.#cells.get(first) ?? new Map<string | number, Cell>();
    const cell = { counts: [...this.#bounds, Infinity].map(() => 0), sum: 0 };
    this.#cells.set(first, cells.set(second, cell));
    return cell;
  }

  #labels(first: string, second: string | number): Readonly<Record<string, string>> {
    const [firstName, secondName] = this.#options.labelNames;
    return {
      [firstName]: first,
      ...(secondName === undefined ? {} : { [secondName]: String(second) }),
    };
  }

  #lines(labels: Readonly<Record<string, string>>, { counts, sum }: Cell): readonly string[] {
    const { name, buckets } = this.#options;
    let count = 0;
    const lines = counts.map((added, i) => {
      count += added;
      const le = String(buckets[i] ?? '+Inf');
      return `${name}_bucket${labelText({ le, ...labels })} ${String(count)}\n`;
    });
    const text = labelText(labels);
    return [
      ...lines,
      `${name}_sum${text} ${String(sum / 1000)}\n`,
      `${name}_count${text} ${String(count)}\n`,
    ];
  }
}
