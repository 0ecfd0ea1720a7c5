/** Events in the order in which they were raised, until they are released. */
export class EventQueue {
  #waiting: (() => void)[] = [];

  push(event: () => void): void {
    this.#waiting.push(event);
  }

  /** Runs all events that wait. */
  release(): void {
    for (let event = this.#waiting.shift(); event; event = this.#waiting.shift()) event();
  }

  /** Returns a function that drops the events raised after this call. */
  checkpoint(): () => void {
    const before = new Set(this.#waiting);
    return () => {
      this.#waiting = this.#waiting.filter((event) => before.has(event));
    };
  }
}
