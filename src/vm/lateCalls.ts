import type { KiB, MiB, Seconds } from '../common/units.ts';

/** What vmemd sets by calls that replace what was set before; `next…` in the configuration of the next run. */
export interface Settings {
  readonly target: KiB;
  readonly period: Seconds;
  readonly nextMemory: KiB;
  readonly nextGuaranteed: MiB | undefined;
  readonly nextPeriod: Seconds | undefined;
}

/**
 * The values of calls that got no reply: the host may perform such a call later than a newer one. A value found on the
 * host that is one of these replaces nothing: what was accepted last is set again. Any other value is another program's.
 */
export class LateCalls {
  readonly #values = new Map<keyof Settings, Set<Settings[keyof Settings]>>();
  #looks = 0;

  /** How often was looked since the newest of these values. */
  get looks(): number {
    return this.#looks;
  }
  get isExpecting(): boolean {
    return this.#values.size > 0;
  }

  /** Records that a call with these values got no reply. */
  expect(settings: Partial<Settings>): void {
    for (const [name, value] of Object.entries(settings) as [
      keyof Settings,
      Settings[keyof Settings],
    ][]) {
      const values = this.#values.get(name) ?? new Set();
      if (!values.has(value)) this.#looks = 0;
      this.#values.set(name, values.add(value));
    }
  }

  /** Returns the values that a late call may set. */
  of<N extends keyof Settings>(name: N): readonly Settings[N][] {
    return [...(this.#values.get(name) ?? [])] as Settings[N][];
  }

  /** Counts a look at what the host has. */
  looked(): void {
    this.#looks += 1;
  }

  /** No late call is expected any more. */
  forget(): void {
    this.#values.clear();
  }
}
