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

  /** Runs `raise`; the returned function drops the events that it raised. */
  during(raise: () => void): () => void {
    const before = new Set(this.#waiting);
    raise();
    const raised = new Set(this.#waiting.filter((event) => !before.has(event)));
    return () => {
      this.#waiting = this.#waiting.filter((event) => !raised.has(event));
    };
  }
}
