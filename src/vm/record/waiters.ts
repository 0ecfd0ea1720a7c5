import type { Operation } from '../../memory/operation.ts';

/** The callers that wait for the end of an operation. */
export class Waiters {
  readonly #waits = new Map<string, ((operation: Operation) => void)[]>();

  wait(id: string): Promise<Operation> {
    return new Promise((resolve) => {
      this.#waits.set(id, [...(this.#waits.get(id) ?? []), resolve]);
    });
  }

  end(operation: Operation): void {
    for (const resolve of this.#waits.get(operation.id) ?? []) resolve(operation);
    this.#waits.delete(operation.id);
  }
}
