import type { RecordedDecision } from '../decide/lines/decided.ts';
import type { GuestFigures } from '../decide/round/round.ts';
import type { Side } from './side.ts';
import { tallied, type VmTally } from './tally.ts';
import type { TraceRound } from './traceRound.ts';

/** A VM for which two policies decide differently in a round. */
export interface Difference {
  /** Seconds on the clock of the rounds. */
  readonly time: number;
  readonly name: string;
  /** The VM's name for people. */
  readonly label: string;
  readonly guest: GuestFigures;
  /** What each decides; undefined if nothing is known of that. */
  readonly decisions: readonly [RecordedDecision | undefined, RecordedDecision | undefined];
}

export interface Summary {
  readonly rounds: number;
  /** Time of the first and the last round. */
  readonly from?: number;
  readonly to?: number;
  /** VMs and rounds that were decided. */
  readonly decisions: number;
  readonly differences: number;
  readonly vmHours: number;
  readonly sides: readonly [SideSummary, SideSummary];
}

export interface SideSummary {
  readonly title: string;
  readonly vms: readonly VmSummary[];
}

export interface VmSummary extends VmTally, Pick<Difference, 'name' | 'label'> {
  /** How long it was there. */
  readonly hours: number;
}

/** A longer time between two rounds is a gap of the trace, in seconds. */
const GAP = 600;

/** Compares two policies over rounds that are given in order. */
export class Comparison {
  readonly #sides: readonly [Side, Side];
  readonly #tallies = [new Map<string, VmTally>(), new Map<string, VmTally>()] as const;
  readonly #labels = new Map<string, string>();
  /** How long each VM was there. */
  readonly #seconds = new Map<string, number>();
  #rounds = 0;
  #from: number | undefined;
  #to: number | undefined;
  #decisions = 0;
  #differences = 0;

  constructor(first: Side, second: Side) {
    this.#sides = [first, second];
  }

  /** Lets both decide a round, and returns where they differ. */
  add(round: TraceRound): Difference[] {
    const { host, guests, labels } = round;
    const [first, second] = this.#sides.map((side) => byName(side.decide(round)));
    for (const [name, label] of labels) this.#labels.set(name, label);
    this.#count(host.time, guests);
    const found = guests.flatMap((guest): Difference[] => {
      const { name } = guest;
      const decisions = [first?.get(name), second?.get(name)] as const;
      decisions.forEach((decision, index) => {
        if (decision) this.#tally(index, guest, decision);
      });
      if (decisions[0]?.target === decisions[1]?.target) return [];
      return [{ time: host.time, name, label: this.#labelOf(name), guest, decisions }];
    });
    this.#differences += found.length;
    return found;
  }

  summary(): Summary {
    const named = (side: 0 | 1): SideSummary => ({
      title: this.#sides[side].title,
      vms: [...this.#tallies[side]].map(([name, tally]) => {
        const hours = (this.#seconds.get(name) ?? 0) / 3600;
        return { ...tally, name, label: this.#labelOf(name), hours };
      }),
    });
    return {
      rounds: this.#rounds,
      ...(this.#from !== undefined && { from: this.#from }),
      ...(this.#to !== undefined && { to: this.#to }),
      decisions: this.#decisions,
      differences: this.#differences,
      vmHours: [...this.#seconds.values()].reduce((sum, each) => sum + each, 0) / 3600,
      sides: [named(0), named(1)],
    };
  }

  #labelOf(name: string): string {
    return this.#labels.get(name) ?? name;
  }

  #count(time: number, guests: readonly GuestFigures[]): void {
    const elapsed = time - (this.#to ?? time);
    const counted = elapsed > 0 && elapsed <= GAP ? elapsed : 0;
    for (const { name } of guests) {
      this.#seconds.set(name, (this.#seconds.get(name) ?? 0) + counted);
    }
    this.#from ??= time;
    this.#to = time;
    this.#rounds += 1;
    this.#decisions += guests.length;
  }

  #tally(side: number, guest: GuestFigures, decision: RecordedDecision): void {
    const tallies = this.#tallies[side];
    tallies?.set(guest.name, tallied(tallies.get(guest.name), guest, decision));
  }
}

const byName = (decisions: readonly RecordedDecision[]): ReadonlyMap<string, RecordedDecision> =>
  new Map(decisions.map((one) => [one.name, one]));
