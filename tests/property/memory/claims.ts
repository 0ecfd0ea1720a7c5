import type { Truth } from './truth.ts';

const MIB = 1024;

/** A guarantee that a client requested. */
export interface Claim {
  /** In MiB. */
  readonly guarantee: number;
  /** On the clock. */
  readonly at: number;
  /** Whether it is in force only once the guest has released something. */
  readonly needsRemoval: boolean;
}

/** The guarantees that a VM may have, and why; sizes in KiB. */
export class Claims {
  readonly #claims: Claim[] = [];
  readonly #memories = new Set<number>();
  #last: number;

  constructor(guaranteed: number) {
    this.#last = guaranteed;
  }

  add(claim: Claim): void {
    this.#claims.push(claim);
  }

  /** The guarantee that was requested last, in MiB. */
  get newest(): number | undefined {
    return this.#claims.at(-1)?.guarantee;
  }

  /** Why this guarantee is lower than it may be; undefined where it may be so low. */
  complaint(guaranteed: number, memory: number, truth: Truth): string | undefined {
    const before = this.#last;
    this.#last = guaranteed;
    this.#memories.add(memory);
    if (guaranteed >= before || this.#isExplained(guaranteed, truth)) return undefined;
    return `the guarantee fell from ${String(before)} to ${String(guaranteed)} KiB without a request`;
  }

  #isExplained(guaranteed: number, truth: Truth): boolean {
    return (
      this.#memories.has(guaranteed) ||
      this.#claims.some(
        (claim) =>
          claim.guarantee * MIB === guaranteed &&
          (!claim.needsRemoval || truth.hasAnyGone(claim.at)),
      )
    );
  }
}
