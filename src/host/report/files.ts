import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The kernel's files below `root`. */
export class HostFiles {
  readonly #root: string;

  constructor(root = '/') {
    this.#root = root;
  }

  /** Returns a file's text, or undefined if it cannot be read. */
  async text(path: string): Promise<string | undefined> {
    return readFile(join(this.#root, path), 'utf8').catch(() => undefined);
  }

  /** Returns the number in a file, or undefined if there is none. */
  async number(path: string): Promise<number | undefined> {
    const number = Number(await this.text(path));
    return Number.isFinite(number) ? number : undefined;
  }

  /** Returns the names in a folder; empty if it cannot be read. */
  async list(path: string): Promise<string[]> {
    return readdir(join(this.#root, path)).catch(() => []);
  }

  /** Writes to an existing file; rejects with the kernel's error. */
  async write(path: string, text: string): Promise<void> {
    await writeFile(join(this.#root, path), text, { flag: 'r+' });
  }
}
