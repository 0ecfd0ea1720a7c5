import { setTimeout as pause } from 'node:timers/promises';

/** Without hostile clients, and with them. */
export const PHASES = ['quiet', 'fire'] as const;
export type Phase = (typeof PHASES)[number];

const FIRE_MS = 4000;
const QUIET_MS = 500;

/** Interrupts the fire by quiet phases, so that both see the same machine. */
export class Phases {
  readonly #enter: (phase: Phase) => void;
  #underWay = 0;
  #until = 0;
  #quiet: Promise<void> | undefined;

  constructor(enter: (phase: Phase) => void) {
    this.#enter = enter;
  }

  /** Runs `work` in a phase of fire. */
  async inFire<T>(work: () => Promise<T>): Promise<T> {
    if (performance.now() > this.#until) this.#quiet ??= this.#pause();
    while (this.#quiet) await this.#quiet;
    this.#underWay++;
    try {
      return await work();
    } finally {
      this.#underWay--;
    }
  }

  async #pause(): Promise<void> {
    while (this.#underWay > 0) await pause(5);
    this.#enter('quiet');
    await pause(QUIET_MS);
    this.#enter('fire');
    this.#until = performance.now() + FIRE_MS;
    this.#quiet = undefined;
  }
}
