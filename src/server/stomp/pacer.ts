import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import { CONNECTED_GAP, FLUSH_GAP, FRAME_GAP, MAX_FLUSH } from './javaClient.ts';

export interface PacerOptions {
  readonly clock: Clock;
  /** Writes at once what it is given; calls back when that has left, and not at all when it cannot. */
  readonly write: (text: string, left: () => void) => void;
}

/** Sends frames one by one, as slowly as the engine's client can read them, and then line feeds to wake it. */
export class Pacer {
  readonly #options: PacerOptions;
  #replies: string[] = [];
  #events: string[] = [];
  #waiting = 0;
  #owed = 0;
  #writing = false;
  #leftAt = Milliseconds(-Infinity);
  #gap = FRAME_GAP;
  #cancel: Cancel = () => undefined;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  /** Characters that wait for their turn. */
  get waiting(): number {
    return this.#waiting;
  }

  push(frame: string): void {
    this.#add(frame, this.#replies);
  }

  /** Sends an event: later than all else that waits, since nobody waits for it. */
  pushEvent(frame: string): void {
    this.#add(frame, this.#events);
  }

  /** Sends a heart-beat, unless what is under way is as good. */
  beat(): void {
    this.#owed = Math.max(this.#owed, 1);
    this.#plan();
  }

  /** Stops, and gives back what was not sent. */
  stop(): string {
    const rest = [...this.#replies, ...this.#events].join('');
    this.#replies = [];
    this.#events = [];
    this.#waiting = this.#owed = 0;
    this.#cancel();
    return rest;
  }

  #add(frame: string, queue: string[]): void {
    queue.push(frame);
    this.#waiting += frame.length;
    this.#plan();
  }

  #plan(): void {
    this.#cancel();
    const hasFrames = this.#replies.length + this.#events.length > 0;
    if (this.#writing || (!hasFrames && this.#owed === 0)) return;
    const { clock } = this.#options;
    const gap = hasFrames ? this.#gap : Math.max(this.#gap, FLUSH_GAP);
    const wait = Milliseconds(this.#leftAt + gap - clock.now());
    if (wait > 0) {
      this.#cancel = clock.after(wait, () => {
        this.#next();
      });
    } else {
      this.#next();
    }
  }

  #next(): void {
    const text = this.#replies.shift() ?? this.#events.shift() ?? '\n';
    this.#waiting -= text === '\n' ? 0 : text.length;
    this.#owed = owedAfter(text, this.#owed);
    this.#writing = true;
    this.#options.write(text, () => {
      this.#writing = false;
      this.#leftAt = this.#options.clock.now();
      this.#gap = text.startsWith('CONNECTED') ? CONNECTED_GAP : FRAME_GAP;
      this.#plan();
    });
  }
}

// a line feed in the same read as a frame without content-length makes the client drop the connection
const owedAfter = (text: string, owed: number): number =>
  text === '\n' ? owed - 1
  : text.startsWith('MESSAGE') ? Math.min(owed + 1, MAX_FLUSH)
  : 0;
