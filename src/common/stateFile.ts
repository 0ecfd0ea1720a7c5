import { readFile } from 'node:fs/promises';
import { type Cancel, type Clock, systemClock } from './clock.ts';
import { isLaterFormat, NewerFormatError } from './formatVersion.ts';
import { replaceFile } from './replaceFile.ts';
import { Milliseconds } from './units.ts';

export interface StateFileOptions<T> {
  readonly path: string;
  /** The version of the format that is written. */
  readonly version: number;
  /** Returns what the file's JSON says; throws Error for a value that is not valid. */
  readonly parse: (value: unknown) => T;
  /** Gets errors instead of the caller: `reading` or `writing` has failed. */
  readonly onError: (action: 'reading' | 'writing', error: unknown) => void;
  /** Called when the last value is written that could not be before. */
  readonly onRecovery?: () => void;
  readonly clock?: Clock;
}

/** The time between attempts to write what a full or broken disk has refused. */
const RETRY = Milliseconds(5000);

/**
 * Keeps one value over restarts of vmemd, as JSON in a file that is replaced as a whole; its methods never reject. What
 * is read may have another form than what is written. A file of a later format is neither read nor replaced.
 */
export class StateFile<T, Written extends object = T & object> {
  readonly #options: StateFileOptions<T>;
  #writing: Promise<void> = Promise.resolve();
  #newer: NewerFormatError | undefined;
  /** What could not be written; undefined if nothing. */
  #unwritten: string | undefined;
  #cancelRetry: Cancel = () => undefined;

  constructor(options: StateFileOptions<T>) {
    this.#options = options;
  }

  /** Returns the value of the last write; undefined if the file is missing or invalid. */
  async read(): Promise<T | undefined> {
    const { path, version, parse, onError } = this.#options;
    try {
      const value: unknown = JSON.parse(await readFile(path, 'utf8'));
      if (!isLaterFormat(value, version)) return parse(value);
      this.#newer = new NewerFormatError(path);
      throw this.#newer;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onError('reading', error);
      return undefined;
    }
  }

  /** Replaces the file atomically; concurrent calls run in order. What cannot be written is tried again later. */
  write(value: Written): Promise<void> {
    const { version, onError } = this.#options;
    const text = `${JSON.stringify({ version, ...value })}\n`;
    this.#writing = this.#writing.then(async () => {
      this.#cancelRetry();
      this.#unwritten = undefined;
      try {
        if (this.#newer) throw this.#newer;
        await replaceFile(this.#options.path, text);
      } catch (error) {
        onError('writing', error);
        if (!this.#newer) this.#keep(text);
      }
    });
    return this.#writing;
  }

  #keep(text: string): void {
    const { path, onRecovery, clock = systemClock } = this.#options;
    this.#unwritten = text;
    this.#cancelRetry = clock.after(RETRY, () => {
      this.#writing = this.#writing.then(async () => {
        if (this.#unwritten !== text) return;
        try {
          await replaceFile(path, text);
          this.#unwritten = undefined;
          onRecovery?.();
        } catch {
          this.#keep(text);
        }
      });
    });
  }
}
