import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import { InFlight } from '../limits/inFlight.ts';

/** How long a client may take to receive a response. */
const RECEIVE_TIMEOUT = Milliseconds(30_000);
/** Responses of one connection under way; more requests than that are refused. */
const MAX_PIPELINED = 100;

/**
 * Responses that are made or sent. One ends when it is complete, and sent or its connection closed: a response that waits
 * behind others emits no event if its connection is lost.
 */
export class Responses {
  readonly #clock: Clock;
  readonly #running = new InFlight();
  readonly #made = new InFlight();
  readonly #bySocket = new WeakMap<Socket, Set<() => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether no response is under way. */
  get isIdle(): boolean {
    return this.#running.isIdle;
  }

  /** Whether a connection has more responses under way than it may have. */
  areTooMany(socket: Socket): boolean {
    return (this.#bySocket.get(socket)?.size ?? 0) > MAX_PIPELINED;
  }

  /** Begins a response; returns a function to call once when it is complete, from when the client has 30 s to receive it. */
  begin(socket: Socket, response: ServerResponse): () => void {
    let cancel = (): void => undefined;
    const open = this.#bySocket.get(socket) ?? this.#watch(socket);
    const end = (): void => {
      cancel();
      if (open.delete(end)) this.#running.end();
    };
    open.add(end);
    this.#running.begin();
    this.#made.begin();
    response.once('close', end);
    return () => {
      this.#made.end();
      if (open.has(end)) cancel = this.#clock.after(RECEIVE_TIMEOUT, () => socket.destroy());
    };
  }

  /** Fulfils when no response is under way, or when `deadline` has passed. */
  async drain(deadline: Milliseconds): Promise<void> {
    const parts = [this.#running, this.#made];
    await Promise.all(parts.map((part) => part.drain(this.#clock, deadline)));
  }

  #watch(socket: Socket): Set<() => void> {
    const open = new Set<() => void>();
    this.#bySocket.set(socket, open);
    socket.once('close', () => {
      for (const end of [...open]) end();
    });
    return open;
  }
}
