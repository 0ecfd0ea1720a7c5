import { KiB } from '../../src/common/units.ts';
import type { HostFigures } from '../../src/policy/decide/round/round.ts';
import { SimulatedGuest } from './guest.ts';
import { GIB, type Scenario } from './scenario.ts';

/** The host of a scenario and its guests at one time. */
export class World {
  readonly scenario: Scenario;
  readonly #all: readonly SimulatedGuest[];
  time = 0;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.#all = scenario.guests.map((plan, index) => new SimulatedGuest(plan, index + 1));
  }

  /** The guests that are powered on. */
  get guests(): readonly SimulatedGuest[] {
    return this.#all.filter((guest) => guest.isRunning(this.time));
  }

  /** Moves on by one second. */
  advance(): void {
    this.time += 1;
    for (const guest of this.#all) guest.advance(this.time);
  }

  get total(): number {
    return this.scenario.host.total * GIB;
  }

  /** What the host can still give; negative while it swaps. KiB. */
  get available(): number {
    const own = this.scenario.host.own(this.time) * GIB;
    return this.guests.reduce((left, { resident }) => left - resident, this.total - own);
  }

  figures(): HostFigures {
    const available = KiB(Math.max(0, this.available));
    return { time: this.time, total: KiB(this.total), free: available, available };
  }
}
