import type { Logger } from 'pino';
import type { Cancel, Clock } from '../../common/clock.ts';
import { wallMilliseconds } from '../../common/time.ts';
import { KiB, type Milliseconds } from '../../common/units.ts';
import type { HostPressure } from '../../host/pressure/hostPressure.ts';
import type { Registry } from '../../vm/registry/registry.ts';
import { decide, type PolicyMemory } from '../decide/decide.ts';
import type { HostFigures } from '../decide/round/round.ts';
import { guestFigures } from './guestFigures.ts';
import { hostFigures } from './hostFigures.ts';
import type { Asked, Cause, PolicyRound } from './round.ts';
import type { PolicyChange, PolicySettings } from './settings.ts';

export interface PolicyLoopParts {
  readonly vms: Pick<Registry, 'isReady' | 'list' | 'find'>;
  readonly host: {
    read(): Promise<HostPressure>;
    watchStall(listener: () => void): Cancel;
  };
  /** Returns what is reserved of the host's memory and not yet used. */
  readonly held?: () => KiB;
  readonly clock: Clock;
  readonly log: Logger;
  readonly interval: Milliseconds;
  readonly settings: PolicySettings;
}

/** Decides in rounds what each balloon is to leave, and sends it. */
export class PolicyLoop {
  readonly #parts: PolicyLoopParts;
  readonly #listeners = new Set<(round: PolicyRound) => void>();
  readonly #asked = new Map<string, Asked>();
  #settings: PolicySettings;
  #memory: PolicyMemory = {};
  #last: PolicyRound | undefined;
  #rounds = 0;

  constructor(parts: PolicyLoopParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
  }

  get settings(): PolicySettings {
    return this.#settings;
  }

  /** The last round; undefined before the first. */
  get last(): PolicyRound | undefined {
    return this.#last;
  }

  /** What each VM was last asked for, by its id. */
  get asked(): ReadonlyMap<string, Asked> {
    return this.#asked;
  }

  /** Calls `listener` with each round at its end, when what it sent is answered or has waited too long. */
  listen(listener: (round: PolicyRound) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes how the policy runs. */
  setPolicy(change: PolicyChange): Promise<PolicySettings> {
    const { mode = this.#settings.mode } = change;
    this.#settings = { ...this.#settings, mode };
    return Promise.resolve(this.#settings);
  }

  /** Decides on present figures; sends nothing, and the next round does not remember it. Throws HypervisorError. */
  async runNow(): Promise<PolicyRound> {
    return (await this.#decided('request')).round;
  }

  async #decided(cause: Cause): Promise<{ round: PolicyRound; memory: PolicyMemory }> {
    const { vms, clock } = this.#parts;
    const at = wallMilliseconds(clock);
    const host = await this.#hostFigures();
    const guests = vms
      .list()
      .filter(({ isAlive }) => isAlive)
      .map(guestFigures);
    const { parameters } = this.#settings;
    const { memory, ...outcome } = decide(host, guests, parameters, this.#memory);
    const round = {
      number: this.#rounds,
      at,
      mode: 'observe' as const,
      cause,
      parameters,
      host,
      guests,
      asked: new Map<string, Asked>(),
      ...outcome,
    };
    return { round, memory };
  }

  async #hostFigures(): Promise<HostFigures> {
    const { host, clock, held } = this.#parts;
    const { algorithm } = this.#settings;
    const pressure = await host.read();
    return hostFigures(pressure, {
      algorithm,
      time: clock.wallTime(),
      held: held?.() ?? KiB(0),
    });
  }
}
