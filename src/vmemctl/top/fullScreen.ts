import type { World } from '../world.ts';

const ESC = '\x1b[';
const ENTER = `${ESC}?1049h${ESC}?25l`;
const LEAVE = `${ESC}?25h${ESC}?1049l`;
/** A whole key: an escape sequence, or a character. */

const KEY = /\x1b\[[\d;]*[A-Za-z~]|[\s\S]/gu;

/** The whole terminal: its other screen, without cursor and with each key at once, until it is closed. */
export class FullScreen {
  readonly #world: World;
  readonly #cancelAtExit: () => void;
  readonly #onData: (data: Buffer | string) => void;
  #isOpen = true;

  /** Calls `onKey` for each key, and `onResize` when the terminal has another size. */
  constructor(world: World, handlers: { onKey: (key: string) => void; onResize: () => void }) {
    const { stdin, stdout } = world;
    this.#world = world;
    this.#onData = (data) => {
      for (const [key] of data.toString().matchAll(KEY)) handlers.onKey(key);
    };
    // whatever ends the process leaves the terminal as it was
    this.#cancelAtExit = world.atExit(() => {
      this.#leave();
    });
    stdout.write(ENTER);
    stdin.setRawMode?.(true);
    stdin.on('data', this.#onData);
    stdin.resume();
    stdout.on('resize', handlers.onResize);
  }

  get rows(): number {
    return this.#world.stdout.rows ?? 24;
  }

  /** Shows these lines, each of which fits the terminal. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    // also in raw mode Node's terminal begins a new line at its left edge
    const text = lines.map((line) => `${line}${ESC}K`).join('\n');
    this.#world.stdout.write(`${ESC}H${text}${ESC}J`);
  }

  /** Gives the terminal back. */
  close(): void {
    const { stdin, stdout } = this.#world;
    stdin.off('data', this.#onData);
    stdin.pause();
    stdout.removeAllListeners('resize');
    this.#cancelAtExit();
    this.#leave();
  }

  #leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#world.stdin.setRawMode?.(false);
    this.#world.stdout.write(LEAVE);
  }
}
