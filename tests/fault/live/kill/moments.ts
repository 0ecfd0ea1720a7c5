/** How long a request of an unknown kind is thought to take, in milliseconds. */
const FIRST_MS = 60;
/** Of the time that an answer takes, how far after it kills still come: what follows an answer is hit too. */
const BEYOND = 1.5;

/** Chooses when vmemd is killed: about two of three kills come before the answer, spread over its time. */
export class Moments {
  readonly #random: () => number;
  readonly #spans = new Map<string, number>();

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Milliseconds after the request. */
  next(kind: string): number {
    return this.#random() * (this.#spans.get(kind) ?? FIRST_MS) * BEYOND;
  }

  /** Takes into account that the answer took so long. */
  answered(kind: string, ms: number): void {
    const before = this.#spans.get(kind);
    this.#spans.set(kind, before === undefined ? ms : (before + ms) / 2);
  }

  /** Takes into account that there was no answer so long after the request. */
  unanswered(kind: string, ms: number): void {
    this.#spans.set(kind, Math.max(ms * 1.2, this.#spans.get(kind) ?? 0));
  }
}
