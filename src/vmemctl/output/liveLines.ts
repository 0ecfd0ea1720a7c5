/** Where lines are written: standard output or error. */
export interface LineTarget {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const ESC = '\x1b[';

/**
 * A few lines at the end of a terminal that are written anew as things go on. Off a terminal nothing is animated:
 * only printed lines are written.
 */
export class LiveLines {
  readonly #target: LineTarget;
  #shown: readonly string[] = [];

  constructor(target: LineTarget) {
    this.#target = target;
  }

  /** Shows these lines instead of those shown before; each fits the terminal. */
  show(lines: readonly string[]): void {
    if (this.#target.isTTY !== true || same(lines, this.#shown)) return;
    this.#target.write(this.#erasing() + lines.map((line) => `${line}\n`).join(''));
    this.#shown = lines;
  }

  /** Writes a line that stays, above those that are shown. */
  tell(line: string): void {
    const shown = this.#shown;
    this.#target.write(`${this.#erasing()}${line}\n`);
    this.#shown = [];
    this.show(shown);
  }

  /** Removes the lines that are shown. */
  clear(): void {
    this.#target.write(this.#erasing());
    this.#shown = [];
  }

  #erasing(): string {
    const { length } = this.#shown;
    return length === 0 ? '' : `${ESC}${String(length)}A${ESC}J`;
  }
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((line, index) => line === b[index]);
