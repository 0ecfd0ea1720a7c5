import type { Milliseconds } from '../common/units.ts';
import type { Freshness } from '../memory/freshness.ts';

const SILENT: readonly Freshness['state'][] = ['stale', 'no-values', 'no-period'];

/** Returns whether a guest that has reported in this boot has stopped to, for another reason than a pause. */
export const hasStoppedToReport = ({ state }: Freshness): boolean => SILENT.includes(state);

/**
 * How long MoM remembers figures: it averages ten of its rounds, of 15 s each (mom.conf). Until then it would judge a
 * guest that reports again by figures from before its silence.
 */
const MOM_MEMORY = 150_000;

/** Times how long a ballooned guest has been silent, and limits the reports about that to one for each silence. */
export class Silence {
  #since: Milliseconds | undefined;
  #until: Milliseconds | undefined;
  #isReported = false;

  /** Records the present state. Returns true once a silence has lasted `patience`, false at its end, else undefined. */
  update(isSilent: boolean, now: Milliseconds, patience: Milliseconds): boolean | undefined {
    this.#since = isSilent ? (this.#since ?? now) : undefined;
    const isDue = this.#since !== undefined && now - this.#since >= patience;
    // MoM cannot have read much in a shorter one, as after a time in which the hypervisor did not answer
    if (isDue) this.#until = now;
    if (isSilent ? !isDue || this.#isReported : !this.#isReported) return undefined;
    this.#isReported = isSilent;
    return isSilent;
  }

  /** Forgets a silence of another boot: MoM drops its figures when a guest reboots. */
  forget(): void {
    this.#until = undefined;
  }

  /** Returns whether MoM may still have figures from a silence. */
  isRemembered(now: Milliseconds): boolean {
    return this.#until !== undefined && now - this.#until < MOM_MEMORY;
  }
}
