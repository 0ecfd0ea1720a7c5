import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';

export interface RotatedFileOptions {
  readonly path: string;
  /** The most that one file grows to. */
  readonly maxBytes: number;
  /** How many files are kept, the one that is written included. */
  readonly files: number;
}

// A pipe without a reader is refused, instead of waited for.
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
const PRIVATE = 0o600;

/** A file of whole lines that only its owner may read; older lines are in `PATH.1`, the oldest in the highest number. */
export class RotatedFile {
  readonly #options: RotatedFileOptions;
  #file: FileHandle | undefined;
  #size = 0;

  constructor(options: RotatedFileOptions) {
    this.#options = options;
  }

  /** Appends a line as a whole or not at all. Throws what the file system throws. */
  async append(line: Buffer): Promise<void> {
    const { path, maxBytes } = this.#options;
    if (line.length > maxBytes) {
      throw new Error(`a line of ${String(line.length)} bytes is larger than trace_max_bytes`);
    }
    if (this.#file && !(await isAt(path, this.#file))) await this.close();
    this.#file ??= await this.#open();
    if (this.#size + line.length > maxBytes) {
      await this.close();
      await this.#rotate(path);
      this.#file = await this.#open();
    }
    await this.#write(this.#file, line);
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #open(): Promise<FileHandle> {
    const file = await open(this.#options.path, APPEND, PRIVATE);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw new Error(`${this.#options.path} is not a file`);
      this.#size = stats.size;
      if (stats.size > 0 && !(await endsLine(this.#options.path, stats.size))) {
        await this.#write(file, Buffer.from('\n'));
      }
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #write(file: FileHandle, bytes: Buffer): Promise<void> {
    try {
      await file.appendFile(bytes);
      this.#size += bytes.length;
    } catch (error) {
      // What a full disk took of the line.
      await file.truncate(this.#size).catch(() => undefined);
      await this.close();
      throw error;
    }
  }

  async #rotate(path: string): Promise<void> {
    const { files } = this.#options;
    if (files === 1) {
      await rm(path, { force: true });
      return;
    }
    for (let number = files - 1; number > 0; number--) {
      await renameIfThere(
        number === 1 ? path : `${path}.${String(number - 1)}`,
        `${path}.${String(number)}`,
      );
    }
  }
}

/** Returns whether a file is still at its path: an administrator may have moved or deleted it. */
async function isAt(path: string, file: FileHandle): Promise<boolean> {
  const [there, own] = await Promise.all([stat(path).catch(() => undefined), file.stat()]);
  return there?.ino === own.ino && there.dev === own.dev;
}

/** Returns whether a file ends with a whole line: a crash may have cut the last one. */
async function endsLine(path: string, size: number): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer.toString() === '\n';
  } finally {
    await file.close();
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
