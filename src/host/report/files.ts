import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The kernel's files below `root`. */
export class HostFiles {
  readonly #root: string;

  constructor(root = '/') {
    this.#root = root;
  }

  /** A file's text, undefined where it cannot be read. */
  async text(path: string): Promise<string | undefined> {
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
    await writeFile(join(this.#root, path), text, { flag: 'r+' });
  }
}
