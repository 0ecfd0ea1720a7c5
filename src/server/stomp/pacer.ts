import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import { CONNECTED_GAP, FLUSH_GAP, FRAME_GAP, MAX_FLUSH } from './javaClient.ts';

export interface PacerOptions {
  readonly clock: Clock;
  /** Writes `text` at once; calls `onSent` after it is sent, never if that fails. */
  readonly write: (text: string, onSent: () => void) => void;
}

/** Sends frames one by one, as slowly as the engine's client reads them, then line feeds that make it parse. */
export class Pacer {
  readonly #options: PacerOptions;
  #replies: string[] = [];
  #events: string[] = [];
  #waiting = 0;
  #lineFeeds = 0;
  #writing = false;
  #sentAt = Milliseconds(-Infinity);
  #gap = FRAME_GAP;
  #cancel: Cancel = () => undefined;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  /** Characters that are not sent yet. */
  get waiting(): number {
    return this.#waiting;
  }

  push(frame: string): void {
    this.#add(frame, this.#replies);
  }

  /** Sends an event after all other frames, since no client waits for it. */
  pushEvent(frame: string): void {
    this.#add(frame, this.#events);
  }

  /** Sends a heart-beat, unless a frame or a line feed is about to be sent. */
  beat(): void {
    this.#lineFeeds = Math.max(this.#lineFeeds, 1);
    this.#plan();
  }

  /** Stops, and returns the unsent frames. */
  stop(): string {
    const rest = [...this.#replies, ...this.#events].join('');
    this.#replies = [];
    this.#events = [];
    this.#waiting = this.#lineFeeds = 0;
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
    if (this.#writing || (!hasFrames && this.#lineFeeds === 0)) return;
    const { clock } = this.#options;
    const gap = hasFrames ? this.#gap : Math.max(this.#gap, FLUSH_GAP);
    const wait = Milliseconds(this.#sentAt + gap - clock.now());
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
    this.#lineFeeds = lineFeedsAfter(text, this.#lineFeeds);
    this.#writing = true;
    this.#options.write(text, () => {
      this.#writing = false;
      this.#sentAt = this.#options.clock.now();
      this.#gap = text.startsWith('CONNECTED') ? CONNECTED_GAP : FRAME_GAP;
      this.#plan();
    });
  }
}

// the client disconnects if it reads a line feed together with a frame without content-length
const lineFeedsAfter = (text: string, pending: number): number =>
  text === '\n' ? pending - 1
  : text.startsWith('MESSAGE') ? Math.min(pending + 1, MAX_FLUSH)
  : 0;
