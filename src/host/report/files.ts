import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The kernel's files below `root`; with `inMemory`, what is written goes no further than this object. */
export class HostFiles {
  readonly #root: string;
  readonly #written: Map<string, string> | undefined;

  constructor(root = '/', { inMemory = false } = {}) {
    this.#root = root;
    this.#written = inMemory ? new Map() : undefined;
  }

  /** A file's text, undefined where it cannot be read. */
  async text(path: string): Promise<string | undefined> {
    const written = this.#written?.get(path);
    if (written !== undefined) return written;
    return readFile(join(this.#root, path), 'utf8').catch(() => undefined);
  }

  /** The number in a file, undefined where there is none to be read. */
  async number(path: string): Promise<number | undefined> {
    const number = Number(await this.text(path));
    return Number.isFinite(number) ? number : undefined;
  }

  /** The names in a folder, none where it cannot be read. */
  async list(path: string): Promise<string[]> {
    return readdir(join(this.#root, path)).catch(() => []);
  }

  /** Writes to a file that is there; rejects with the kernel's words. */
  async write(path: string, text: string): Promise<void> {
    if (this.#written) this.#written.set(path, text);
    else await writeFile(join(this.#root, path), text, { flag: 'r+' });
  }
}
