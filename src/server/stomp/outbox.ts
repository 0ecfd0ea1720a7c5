import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../../common/clock.ts';
import type { Milliseconds } from '../../common/units.ts';
import { READ_SIZE } from './javaClient.ts';
import { Unread } from '../limits/unread.ts';
import { Pacer } from './pacer.ts';

export interface OutboxOptions {
  readonly clock: Clock;
  /** Bytes buffered for a client that does not read. */
  readonly maxUnread: number;
  /** Whether each frame is written by itself. */
  readonly isMessages: boolean;
  /** Called when the client does not read. */
  readonly overflow: (unread: number) => void;
}

/** Sends the frames of one connection: those ready together in one write, or paced, one by one. */
export class Outbox {
  readonly #socket: Duplex;
  readonly #options: OutboxOptions;
  readonly #unread: Unread;
  #pacer: Pacer | undefined;
  #batch = '';
  #sentAt: Milliseconds;

  constructor(socket: Duplex, options: OutboxOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#sentAt = options.clock.now();
    const waiting = (): number =>
      this.#socket.writableLength + (this.#pacer?.waiting ?? this.#batch.length);
    this.#unread = new Unread({ ...options, waiting });
  }

  /** When anything was last sent. */
  get sentAt(): Milliseconds {
    return this.#sentAt;
  }

  /** The least size of a MESSAGE in bytes. */
  get minBytes(): number {
    // in TLS the client reads record by record, whatever the length of a frame
    return this.#pacer && !(this.#socket instanceof TLSSocket) ? READ_SIZE : 0;
  }

  /** Whether it sends frames one by one, each after a pause. */
  get isPaced(): boolean {
    return this.#pacer !== undefined;
  }

  /** Starts or stops sending frames one by one. */
  pace(isPaced: boolean): void {
    if (isPaced === this.isPaced) return;
    if (isPaced) {
      const write = (text: string, onSent: () => void): void => this.#write(text, onSent);
      this.#pacer = new Pacer({ clock: this.#options.clock, write });
    } else {
      this.#write(this.#rest());
    }
  }

  /** Sends a frame together with those that follow in the same tick. */
  send(frame: string): void {
    if (this.#pacer) {
      this.#pacer.push(frame);
    } else if (this.#options.isMessages) {
      this.#write(frame);
    } else {
      if (this.#batch === '') process.nextTick(this.#flush);
      this.#batch += frame;
    }
    this.#unread.add(frame.length);
  }

  /** Sends an event; if paced, after all other frames. */
  sendEvent(frame: string): void {
    if (!this.#pacer) {
      this.send(frame);
      return;
    }
    this.#pacer.pushEvent(frame);
    this.#unread.add(frame.length);
  }

  /** Sends a heart-beat. */
  beat(): void {
    if (this.#pacer) this.#pacer.beat();
    else this.#write('\n');
  }

  /** Sends the waiting frames at once and ends the connection. */
  end(): void {
    this.#write(this.#rest());
    this.#socket.end();
  }

  /** Drops the waiting frames. */
  stop(): void {
    this.#unread.stop();
    this.#rest();
  }

  readonly #flush = (): void => {
    const batch = this.#batch;
    this.#batch = '';
    this.#write(batch);
  };

  #rest(): string {
    const rest = this.#batch + (this.#pacer?.stop() ?? '');
    this.#batch = '';
    this.#pacer = undefined;
    return rest;
  }

  #write(text: string, onSent?: () => void): void {
    if (text === '' || !this.#socket.writable) return;
    this.#sentAt = this.#options.clock.now();
    if (!onSent) this.#socket.write(text);
    else {
      this.#socket.write(text, (error) => {
        if (!error) onSent();
      });
    }
  }
}
