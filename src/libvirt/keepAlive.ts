import { nothing } from './codec.ts';
import {
  encodePacket,
  KEEPALIVE_PROGRAM,
  messageStatus,
  messageType,
  PROGRAM_VERSION,
} from './packet.ts';
import type { Cancel, Timers } from './timers.ts';

/** The procedures of the keepalive program. */
export const keepAliveProcedure = { ping: 1, pong: 2 } as const;

/** How often a silent peer is asked, in milliseconds, and how many questions it may leave unanswered. */
export interface KeepAlivePace {
  readonly interval: number;
  readonly count: number;
}

/** The bytes of a ping or a pong. */
export function keepAlivePacket(procedure: number): Buffer {
  const header = {
    program: KEEPALIVE_PROGRAM,
    version: PROGRAM_VERSION,
    procedure,
    type: messageType.message,
    serial: 0,
    status: messageStatus.ok,
  };
  return encodePacket(header, nothing, undefined);
}

/** Tells a hung daemon from a quiet one: asks after each silent interval, and gives up after `count` questions. */
export class KeepAlive {
  readonly #pace: KeepAlivePace;
  readonly #timers: Timers;
  readonly #ping: () => void;
  readonly #dead: () => void;
  #unanswered = 0;
  #heard = false;
  #cancel: Cancel | undefined;

  constructor(pace: KeepAlivePace, timers: Timers, on: { ping: () => void; dead: () => void }) {
    this.#pace = pace;
    this.#timers = timers;
    this.#ping = on.ping;
    this.#dead = on.dead;
  }

  start(): void {
    this.#cancel = this.#timers.after(this.#pace.interval, () => this.#tick());
  }

  /** Anything at all came from the peer. */
  heard(): void {
    this.#heard = true;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #tick(): void {
    if (this.#heard) this.#unanswered = 0;
    this.#heard = false;
    if (this.#unanswered >= this.#pace.count) {
      this.#dead();
      return;
    }
    this.#unanswered++;
    this.#ping();
    this.start();
  }
}
