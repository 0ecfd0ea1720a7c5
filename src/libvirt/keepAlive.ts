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

/** The time between pings to a silent peer in milliseconds, and how many pings may stay without a reply. */
export interface KeepAlivePace {
  readonly interval: number;
  readonly count: number;
}

/** Encodes a ping or a pong. */
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

/** Detects a hung daemon: sends a ping after each silent interval, and gives up after `count` pings without a reply. */
export class KeepAlive {
  readonly #pace: KeepAlivePace;
  readonly #timers: Timers;
  readonly #ping: () => void;
  readonly #dead: () => void;
  #unanswered = 0;
  #hasReceived = false;
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

  /** Records that the peer has sent something. */
  received(): void {
    this.#hasReceived = true;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #tick(): void {
    if (this.#hasReceived) this.#unanswered = 0;
    this.#hasReceived = false;
    if (this.#unanswered >= this.#pace.count) {
      this.#dead();
      return;
    }
    this.#unanswered++;
    this.#ping();
    this.start();
  }
}
