import { BoundedEntries, type EntryLimits } from './boundedEntries.ts';
import type { AuditTrailEntry } from './shown.ts';

/** Entries that a client gets unless it asks for another number. */
export const ENTRIES = 100;

export interface AuditTrailLimits {
  readonly changes: EntryLimits;
  readonly refusals: EntryLimits;
}

const LIMITS: AuditTrailLimits = {
  changes: { perVm: ENTRIES, size: 6_000_000 },
  refusals: { perVm: 20, size: 1_000_000 },
};

/**
 * The newest requests that changed something or would have, as the log has them; in memory only. Refused ones have a
 * place of their own: a client may send any number of them, and pushes no change out.
 */
export class AuditTrail {
  readonly #changes: BoundedEntries;
  readonly #refusals: BoundedEntries;
  #count = 0;

  constructor(limits: AuditTrailLimits = LIMITS) {
    this.#changes = new BoundedEntries(limits.changes);
    this.#refusals = new BoundedEntries(limits.refusals);
  }

  /** Characters of all entries together. */
  get size(): number {
    return this.#changes.size + this.#refusals.size;
  }

  add(entry: AuditTrailEntry): void {
    const place = entry.outcome === 'refused' ? this.#refusals : this.#changes;
    place.add({ entry, number: (this.#count += 1) });
  }

  /** Whether a change of this VM is kept. */
  knows(vmId: string): boolean {
    return this.#changes.has(vmId);
  }

  /** Returns the newest `count` entries about a VM, or of all without one, newest first. */
  newest(count: number, vmId?: string): { readonly entries: AuditTrailEntry[] } {
    const all = [...this.#changes.list(vmId), ...this.#refusals.list(vmId)];
    const newest = all.sort((one, other) => other.number - one.number).slice(0, count);
    return { entries: newest.map(({ entry }) => entry) };
  }
}
