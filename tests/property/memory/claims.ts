import type { KiB } from '../../../src/common/units.ts';
import { type MiB, toKiB } from '../../../src/common/units.ts';
import { wholeMiB } from '../../../src/memory/balloon.ts';
import type { Truth } from './truth.ts';

/** A guarantee that a client asked for. */
export interface Claim {
  readonly guarantee: MiB;
  /** On the clock. */
  readonly at: number;
  /** Whether it counts only once the guest has given something up. */
  readonly needsRemoval: boolean;
}

/** Why a VM is guaranteed what it is. */
export class Claims {
  readonly #claims: Claim[] = [];
  readonly #memories = new Set<KiB>();
  #last: KiB;

  constructor(guaranteed: KiB) {
    this.#last = guaranteed;
  }

  add(claim: Claim): void {
    this.#claims.push(claim);
  }

  /** Why this guarantee is lower than it may be; undefined where all is well. */
  complaint(guaranteed: KiB, memory: KiB, truth: Truth): string | undefined {
    const before = this.#last;
    this.#last = guaranteed;
    this.#memories.add(wholeMiB(memory));
    if (guaranteed >= before || this.#isExplained(guaranteed, truth)) return undefined;
    return `the guarantee fell from ${String(before)} to ${String(guaranteed)} KiB, which nobody asked for`;
  }

  #isExplained(guaranteed: KiB, truth: Truth): boolean {
    return (
      this.#memories.has(guaranteed) ||
      this.#claims.some(
        (claim) =>
          toKiB(claim.guarantee) === guaranteed &&
          (!claim.needsRemoval || truth.hasAnyGone(claim.at)),
      )
    );
  }
}
