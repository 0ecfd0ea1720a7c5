import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Guest } from './guest.ts';

/** A host that exists only as a file like /proc/meminfo: what its guests' balloons leave counts as used; sizes in MiB. */
export class PretendedHost {
  readonly folder: string;
  readonly #guests: readonly Guest[];
  readonly #total: number;
  /** What the host itself uses. */
  #own: number;
  #held: number;
  #isOver = false;
  #work: Promise<void> = Promise.resolve();
  #writing: Promise<void> = Promise.resolve();

  private constructor(folder: string, total: number, own: number, guests: readonly Guest[]) {
    this.folder = folder;
    this.#total = total;
    this.#own = own;
    this.#held = 0;
    this.#guests = guests;
  }

  /** Makes one, whose file follows the guests of this list from now on. */
  static async start(total: number, own: number, guests: readonly Guest[]): Promise<PretendedHost> {
    const folder = await mkdtemp(join(tmpdir(), 'vmemd-host-'));
    const host = new PretendedHost(folder, total, own, guests);
    await host.#write();
    host.#work = host.#follow();
    return host;
  }

  get meminfo(): string {
    return join(this.folder, 'meminfo');
  }

  get available(): number {
    return Math.max(0, this.#total - this.#own - this.#held);
  }

  /** Makes the host itself use so much. */
  async use(own: number): Promise<void> {
    this.#own = own;
    await this.#write();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#work;
    await rm(this.folder, { recursive: true, force: true });
  }

  async #follow(): Promise<void> {
    while (!this.#isOver) {
      // Without vmemd there is no answer, and the file is not read.
      const sizes = await Promise.race([
        Promise.all(this.#guests.map(sizeOf)).catch(() => undefined),
        sleep(1000).then(() => undefined),
      ]);
      const held = sizes?.reduce((sum, size) => sum + size, 0) ?? NaN;
      if (!Number.isNaN(held)) this.#held = held;
      await this.#write();
      await sleep(200);
    }
  }

  /** Writes the file as a whole, after writes that were begun before. */
  #write(): Promise<void> {
    return (this.#writing = this.#writing.then(() => this.#replace()));
  }

  async #replace(): Promise<void> {
    const [total, available] = [this.#total, this.available].map((mib) => String(mib * 1024));
    const text = `MemTotal: ${total ?? ''} kB\nMemFree: ${available ?? ''} kB\nMemAvailable: ${available ?? ''} kB\nBuffers: 0 kB\nCached: 0 kB\n`;
    await writeFile(`${this.meminfo}.new`, text);
    await rename(`${this.meminfo}.new`, this.meminfo);
  }
}

/** What a guest's balloon leaves, in MiB; NaN while that is unknown. */
export const sizeOf = async (guest: Guest): Promise<number> =>
  Number((await guest.balloon()).balloon_cur) / 1024;
