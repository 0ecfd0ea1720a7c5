import type { AuditTrailEntry } from './shown.ts';

export interface EntryLimits {
  /** Entries of one VM, and as many of the host. */
  readonly perVm: number;
  /** Characters of all entries together. */
  readonly size: number;
}

/** An entry and its place in the order in which entries came; the wall clock may be set back in between. */
export interface Numbered {
  readonly entry: AuditTrailEntry;
  readonly number: number;
}

interface Kept extends Numbered {
  readonly key: string;
  readonly size: number;
}

/** The key of entries that are about no VM. */
const HOST = '';

/** Entries by VM, of which the oldest are dropped beyond the limits. */
export class BoundedEntries {
  readonly #limits: EntryLimits;
  /** Oldest first. */
  readonly #all = new Set<Kept>();
  readonly #byVm = new Map<string, readonly Kept[]>();
  #size = 0;

  constructor(limits: EntryLimits) {
    this.#limits = limits;
  }

  /** Characters of all entries together. */
  get size(): number {
    return this.#size;
  }

  add({ entry, number }: Numbered): void {
    const key = entry.vm_id ?? HOST;
    const kept = { entry, number, key, size: JSON.stringify(entry).length };
    const ofVm = [...(this.#byVm.get(key) ?? []), kept];
    this.#byVm.set(key, ofVm);
    this.#all.add(kept);
    this.#size += kept.size;
    const [first] = ofVm;
    if (first && ofVm.length > this.#limits.perVm) this.#drop(first);
    for (const oldest of this.#all) {
      if (this.#size <= this.#limits.size) break;
      this.#drop(oldest);
    }
  }

  has(vmId: string): boolean {
    return this.#byVm.has(vmId);
  }

  /** Returns the entries about a VM, or all without one, oldest first. */
  list(vmId?: string): readonly Numbered[] {
    return vmId === undefined ? [...this.#all] : (this.#byVm.get(vmId) ?? []);
  }

  #drop(kept: Kept): void {
    const { key, size } = kept;
    this.#all.delete(kept);
    this.#size -= size;
    const left = (this.#byVm.get(key) ?? []).filter((each) => each !== kept);
    if (left.length > 0) this.#byVm.set(key, left);
    else this.#byVm.delete(key);
  }
}
