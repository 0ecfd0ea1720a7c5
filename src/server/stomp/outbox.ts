import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../../common/clock.ts';
import type { Milliseconds } from '../../common/units.ts';
import { READ_SIZE } from './javaClient.ts';
import { Pacer } from './pacer.ts';

export interface OutboxOptions {
  readonly clock: Clock;
  /** What may wait for the client to read it. */
  readonly maxUnread: number;
  /** The client has left more than that unread. */
  readonly overflow: (unread: number) => void;
}

/** What one connection sends: frames that are ready together in one write, or one by one to who needs that. */
export class Outbox {
  readonly #socket: Socket;
  readonly #options: OutboxOptions;
  #pacer: Pacer | undefined;
  #batch = '';
  #sentAt: Milliseconds;

  constructor(socket: Socket, options: OutboxOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#sentAt = options.clock.now();
  }

  /** When anything was last sent. */
  get sentAt(): Milliseconds {
    return this.#sentAt;
  }

  /** Bytes that a MESSAGE should have at least. */
  get minBytes(): number {
    // inside TLS the client reads record by record, where length does not help it
    return this.#pacer && !(this.#socket instanceof TLSSocket) ? READ_SIZE : 0;
  }

  /** Whether it sends frame by frame, each after a pause. */
  get isPaced(): boolean {
    return this.#pacer !== undefined;
  }

  /** Begins or ends to send frame by frame. */
  pace(isPaced: boolean): void {
    if (isPaced === this.isPaced) return;
    if (isPaced) {
      const write = (text: string, left: () => void): void => this.#write(text, left);
      this.#pacer = new Pacer({ clock: this.#options.clock, write });
    } else {
      this.#write(this.#rest());
    }
  }

  /** Sends a frame together with those that follow at once; `isLast` if there will be none. */
  send(frame: string, isLast = false): void {
    if (this.#pacer) {
      this.#pacer.push(frame);
    } else if (isLast) {
      this.#write(this.#rest() + frame);
    } else {
      if (this.#batch === '') process.nextTick(this.#flush);
      this.#batch += frame;
    }
    this.#checkUnread();
  }

  /** Sends an event, which other frames may overtake. */
  sendEvent(frame: string): void {
    if (!this.#pacer) {
      this.send(frame);
      return;
    }
    this.#pacer.pushEvent(frame);
    this.#checkUnread();
  }

  /** Sends a heart-beat. */
  beat(): void {
    if (this.#pacer) this.#pacer.beat();
    else this.#write('\n');
  }

  /** Sends the rest at once and says goodbye. */
  end(): void {
    this.#write(this.#rest());
    this.#socket.end();
  }

  /** Sends nothing more. */
  stop(): void {
    this.#rest();
  }

  readonly #flush = (): void => {
    const batch = this.#batch;
    this.#batch = '';
    this.#write(batch);
  };

  #checkUnread(): void {
    const waiting = this.#pacer?.waiting ?? this.#batch.length;
    const unread = this.#socket.writableLength + waiting;
    if (unread > this.#options.maxUnread) this.#options.overflow(unread);
  }

  #rest(): string {
    const rest = this.#batch + (this.#pacer?.stop() ?? '');
    this.#batch = '';
    this.#pacer = undefined;
    return rest;
  }

  #write(text: string, left?: () => void): void {
    if (text === '' || !this.#socket.writable) return;
    this.#sentAt = this.#options.clock.now();
    if (!left) this.#socket.write(text);
    else {
      this.#socket.write(text, (error) => {
        if (!error) left();
      });
    }
  }
}
