import { readFile } from 'node:fs/promises';
import { replaceFile } from './replaceFile.ts';

export interface StateFileOptions<T> {
  readonly path: string;
  /** Returns what the file's JSON says; throws Error for a value that is not valid. */
  readonly parse: (value: unknown) => T;
  /** Gets errors instead of the caller: `reading` or `writing` has failed. */
  readonly onError: (action: 'reading' | 'writing', error: unknown) => void;
}

/**
 * Keeps one value over restarts of vmemd, as JSON in a file that is replaced as a whole; its methods never reject. What
 * is read may have another form than what is written.
 */
export class StateFile<T, Written = T> {
  readonly #options: StateFileOptions<T>;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: StateFileOptions<T>) {
    this.#options = options;
  }

  /** Returns the value of the last write; undefined if the file is missing or invalid. */
  async read(): Promise<T | undefined> {
    const { path, parse, onError } = this.#options;
    try {
      return parse(JSON.parse(await readFile(path, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onError('reading', error);
      return undefined;
    }
  }

  /** Replaces the file atomically; concurrent calls run in order. */
  write(value: Written): Promise<void> {
    const { path, onError } = this.#options;
    const text = `${JSON.stringify(value)}\n`;
    this.#writing = this.#writing.then(() =>
      replaceFile(path, text).catch((error: unknown) => {
        onError('writing', error);
      }),
    );
    return this.#writing;
  }
}
