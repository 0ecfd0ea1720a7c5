import { randomBytes } from 'node:crypto';
import type { VmOverview } from './shown.ts';

/** What differs from an earlier revision, or everything. */
export interface Changes {
  readonly revision: string;
  /** Whether `vms` has every VM. */
  readonly complete: boolean;
  readonly vms: readonly VmOverview[];
  /** Ids of the VMs that are no longer there. */
  readonly gone?: readonly string[];
}

/** Ids of VMs that went are kept for clients that look seldom; older revisions get everything. */
const MOST_GONE = 1000;

interface Known {
  readonly vm: VmOverview;
  /** What of the VM counts as a change. */
  readonly text: string;
  readonly number: number;
}

/** Numbers the states of the VMs, so that a client that looks often gets only what has changed. */
export class Revisions {
  /** Differs from run to run, since another vmemd counts anew. */
  readonly #run = randomBytes(4).toString('hex');
  #number = 0;
  #known = new Map<string, Known>();
  #gone: { readonly id: string; readonly number: number }[] = [];
  /** The earliest revision whose differences are known. */
  #earliest = 0;

  /** Returns what has changed since a revision; everything if that is not known. */
  since(vms: readonly VmOverview[], revision?: string): Changes {
    this.#take(vms);
    const before = this.#numberOf(revision);
    const now = { revision: `${this.#run}-${String(this.#number)}` };
    if (before === undefined) return { ...now, complete: true, vms };
    const changed = vms.filter(({ id }) => (this.#known.get(id)?.number ?? 0) > before);
    const gone = this.#gone.filter(({ number }) => number > before).map(({ id }) => id);
    return { ...now, complete: false, vms: changed, gone };
  }

  #take(vms: readonly VmOverview[]): void {
    const next = this.#number + 1;
    const known = new Map<string, Known>();
    let hasChanged = false;
    for (const vm of vms) {
      const before = this.#known.get(vm.id);
      const now = before?.vm === vm ? before : compared(vm, before, next);
      known.set(vm.id, now);
      hasChanged ||= now.number === next;
    }
    this.#gone = this.#gone.filter(({ id }) => !known.has(id));
    for (const id of this.#known.keys()) {
      if (known.has(id)) continue;
      this.#gone.push({ id, number: next });
      hasChanged = true;
    }
    for (const { number } of this.#gone.splice(0, this.#gone.length - MOST_GONE)) {
      this.#earliest = number;
    }
    this.#known = known;
    if (hasChanged) this.#number = next;
  }

  #numberOf(revision: string | undefined): number | undefined {
    const [, run, digits] = /^([0-9a-f]{8})-(\d{1,15})$/.exec(revision ?? '') ?? [];
    const number = Number(digits);
    const isKnown = run === this.#run && number >= this.#earliest && number <= this.#number;
    return isKnown ? number : undefined;
  }
}

/** Returns the VM with the number of its last change. */
function compared(vm: VmOverview, before: Known | undefined, next: number): Known {
  const text = comparable(vm);
  return { vm, text, number: before?.text === text ? before.number : next };
}

/** The VM without the age of its report, which grows all the time; a new report has another time. */
const comparable = (vm: VmOverview): string =>
  JSON.stringify({ ...vm, freshness: vm.freshness?.state });
