/** A column of a ring: the unit that its values are kept in, of which it holds 2³² − 2 at most. */
export interface Column {
  readonly name: string;
  readonly unit: number;
}

/** Values of one column; null where nothing is known. */
export type Values = (number | null)[];

/** Values of several columns in equal steps of time, of which the last `length` are kept, in one block of memory. */
export class Ring {
  readonly #columns: readonly Column[];
  readonly #length: number;
  /** Column by column, in units and plus one, since 0 stands for nothing known. */
  readonly #cells: Uint32Array;
  /** The number of the newest step. */
  #newest = -Infinity;

  constructor(columns: readonly Column[], length: number) {
    this.#columns = columns;
    this.#length = length;
    this.#cells = new Uint32Array(columns.length * length);
  }

  /** Memory that it occupies, in bytes. */
  get bytes(): number {
    return this.#cells.byteLength;
  }

  /** Sets the values of a step, in the order of the columns; steps that were left out before it are unknown. */
  put(step: number, values: readonly (number | undefined)[]): void {
    if (step < this.#newest) return;
    this.#skipTo(step);
    const place = placeOf(step, this.#length);
    this.#columns.forEach(({ unit }, column) => {
      this.#cells[column * this.#length + place] = cellOf(values[column], unit);
    });
  }

  /** Returns the values of a column from the step `first` to `last`, both included. */
  column(index: number, first: number, last: number): Values {
    const unit = this.#columns[index]?.unit ?? 1;
    const values: Values = [];
    for (let step = first; step <= last; step += 1) {
      const isKept = step <= this.#newest && step > this.#newest - this.#length;
      const place = index * this.#length + placeOf(step, this.#length);
      const cell = isKept ? (this.#cells[place] ?? 0) : 0;
      values.push(cell === 0 ? null : (cell - 1) * unit);
    }
    return values;
  }

  #skipTo(step: number): void {
    const first = Math.max(this.#newest + 1, step - this.#length + 1);
    for (let skipped = first; skipped < step; skipped += 1) {
      const place = placeOf(skipped, this.#length);
      for (let column = 0; column < this.#columns.length; column += 1) {
        this.#cells[column * this.#length + place] = 0;
      }
    }
    this.#newest = step;
  }
}

const MOST = 2 ** 32 - 1;

const placeOf = (step: number, length: number): number => ((step % length) + length) % length;

/** A value that its column cannot hold is unknown rather than wrong. */
function cellOf(value: number | undefined, unit: number): number {
  if (value === undefined || !(value >= 0)) return 0;
  const cell = Math.round(value / unit) + 1;
  return cell > MOST ? 0 : cell;
}
