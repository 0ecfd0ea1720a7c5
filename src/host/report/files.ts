import { readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Files that the kernel makes from memory, each in some 15 µs: through the thread pool they cost five times the CPU time.
 * Others may wait for a disk, a driver or a writer, and those of a process that describe its address space for its lock.
 */
const MADE_AT_ONCE = [
  /^\/?proc\/(?:\d+\/(?:comm|status|cgroup)$|meminfo$|vmstat$|pressure\/)/,
  /^\/?sys\/(?:kernel\/mm|devices\/system\/node)\//,
  /^\/?sys\/fs\/cgroup\/(?:.*\/)?memory\.(?:max|high|current|limit_in_bytes|usage_in_bytes)$/,
];
const isMadeAtOnce = (path: string): boolean => MADE_AT_ONCE.some((made) => made.test(path));

/** The kernel's files below `root`. */
export class HostFiles {
  readonly #root: string;

  constructor(root = '/') {
    this.#root = root;
  }

  /** Returns a file's text, or undefined if it cannot be read. */
  async text(path: string): Promise<string | undefined> {
    const file = join(this.#root, path);
    try {
      return isMadeAtOnce(path) ? readFileSync(file, 'utf8') : await readFile(file, 'utf8');
    } catch {
      return undefined;
    }
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
