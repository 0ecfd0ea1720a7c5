import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A file system of some kilobytes, which only processes within its namespace see at {@link path}. */
export class SmallDisk {
  /** Where it is within. */
  readonly path: string;
  readonly #holder: ChildProcess;

  private constructor(path: string, holder: ChildProcess) {
    this.path = path;
    this.#holder = holder;
  }

  /** Makes one for so many bytes and files. */
  static async make(size: number, files: number): Promise<SmallDisk> {
    const path = await mkdtemp(join(tmpdir(), 'vmemd-disk-'));
    const options = `size=${String(size)},nr_inodes=${String(files)},mode=700`;
    const script = `mount -t tmpfs -o ${options} none '${path}' && echo ready && exec cat`;
    const apart = ['--mount', '--propagation', 'private'];
    const holder = spawn('unshare', [...apart, 'sh', '-c', script], {
      // ends with the test's process at the latest, which closes its input
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    await once(holder.stdout, 'data');
    return new SmallDisk(path, holder);
  }

  /** A command that runs another one where the disk is. */
  get within(): readonly string[] {
    return ['nsenter', `--target=${String(this.#holder.pid)}`, '--mount'];
  }

  async read(name: string): Promise<string> {
    return readFile(this.#at(name), 'utf8');
  }

  list(): Promise<string[]> {
    return readdir(this.#at(''));
  }

  /** Leaves no byte to others. */
  async fill(): Promise<void> {
    const file = await open(this.#at('filler'), 'a');
    try {
      for (const size of [65_536, 4096, 1]) {
        while (await isWritten(file.write(Buffer.alloc(size))));
      }
    } finally {
      await file.close();
    }
  }

  /** Leaves no file to others, though there is room. */
  async fillWithFiles(): Promise<void> {
    await mkdir(this.#at('many'), { recursive: true });
    for (let n = 0; await isWritten(writeFile(this.#at(`many/${String(n)}`), '')); n += 1);
  }

  /** Refuses what is opened for writing from now on, as a file system does that its kernel has remounted read-only. */
  async makeReadOnly(): Promise<void> {
    const path = `'${this.path}'`;
    await this.#run(`mount --bind ${path} ${path} && mount -o remount,bind,ro ${path}`);
  }

  async makeWritable(): Promise<void> {
    await this.#run(`umount '${this.path}'`);
  }

  /** A file beside the disk, which says that it is broken to failingDisk.mjs. */
  get mark(): string {
    return `${this.path}.broken`;
  }

  async break(): Promise<void> {
    await writeFile(this.mark, '');
  }

  async mend(): Promise<void> {
    await rm(this.mark, { force: true });
  }

  /** Makes room again. */
  async empty(): Promise<void> {
    for (const name of ['filler', 'many']) {
      await rm(this.#at(name), { recursive: true, force: true });
    }
  }

  async remove(): Promise<void> {
    this.#holder.kill('SIGKILL');
    await once(this.#holder, 'exit');
    await this.mend();
    await rm(this.path, { recursive: true });
  }

  async #run(script: string): Promise<void> {
    const [command = '', ...place] = this.within;
    await promisify(execFile)(command, [...place, 'sh', '-c', script]);
  }

  #at(name: string): string {
    return join(`/proc/${String(this.#holder.pid)}/root`, this.path, name);
  }
}

const isWritten = (writing: Promise<unknown>): Promise<boolean> =>
  writing.then(
    () => true,
    () => false,
  );
