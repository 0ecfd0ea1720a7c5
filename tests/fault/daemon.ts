import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/freePort.ts';

const root = join(import.meta.dirname, '../..');
const PROGRAM = process.env['VMEMD_TEST_PROGRAM'];

// Sampling by the second, so that tests need not wait for figures.
const CONFIGURATION = `[sampling]
interval = 1
[memory]
mem_stats_period_seconds = 1
`;

export interface DaemonOptions {
  /** The libvirt that it serves, or `simulated`. */
  readonly uri: string;
  /** Added to its configuration, which ends in the section [memory]. */
  readonly more?: string;
  /** Arguments of Node. */
  readonly node?: readonly string[];
  /** Shell commands that run before it in its process, such as `ulimit -n 64`. */
  readonly before?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs it in namespaces of its own. */
  readonly within?: readonly string[];
}

/** A line of the daemon's log. */
export interface Logged {
  readonly level: string;
  readonly msg: string;
  readonly event?: string;
  readonly [field: string]: unknown;
}

/** vmemd as a process of its own, of which all that it logs is kept. */
export class Daemon {
  readonly url: string;
  readonly log: Logged[] = [];
  /** What it printed that is no line of its log. */
  readonly noise: string[] = [];
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, url: string) {
    this.#process = child;
    this.#folder = folder;
    this.url = url;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface(stream).on('line', (line) => this.#take(line));
    }
  }

  /** Starts it on a free port, and waits until it answers there, whatever that is. */
  static async start({ uri, more = '', node = [], ...how }: DaemonOptions): Promise<Daemon> {
    const folder = await mkdtemp(join(tmpdir(), 'vmemd-fault-'));
    const config = join(folder, 'vmemd.conf');
    await writeFile(config, CONFIGURATION + more);
    const port = String(await freePort());
    const program = PROGRAM ? [PROGRAM] : ['--import', 'tsx', 'src/main.ts'];
    const args = ['--connect', uri, '--listen', `127.0.0.1:${port}`, '--config', config];
    const script = `cd '${root}'\n${how.before ?? ''}\nexec "$@"`;
    const [command = 'env', ...place] = how.within ?? [];
    const child = spawn(
      command,
      [...place, 'sh', '-c', script, 'sh', process.execPath, ...node, ...program, ...args],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: process.env['PATH'], ...how.env },
      },
    );
    const daemon = new Daemon(child, folder, `http://127.0.0.1:${port}`);
    await daemon.health();
    return daemon;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** The lines that report a bug, and what has no place in the log. */
  get bugs(): readonly unknown[] {
    return [...this.log.filter(({ event }) => event === 'bug'), ...this.noise];
  }

  /** Waits until it has an answer for /healthz; returns the answer's status. */
  async health(): Promise<number> {
    for (;;) {
      const answer = await fetch(`${this.url}/healthz`).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer) return answer.status;
      if (!this.isRunning) throw new Error(`vmemd ended:\n${this.#lastWords}`);
      await sleep(50);
    }
  }

  /** Waits until it serves its host. */
  async serving(): Promise<void> {
    const end = performance.now() + 120_000;
    while ((await this.health()) !== 200) {
      if (performance.now() > end) throw new Error(`vmemd does not recover:\n${this.#lastWords}`);
      await sleep(50);
    }
  }

  async page(path: string): Promise<string> {
    return (await fetch(this.url + path)).text();
  }

  /** The value of a metric without labels. */
  async metric(name: string): Promise<number> {
    const page = await this.page('/metrics');
    return Number(new RegExp(`^${name} (.*)$`, 'm').exec(page)?.[1]);
  }

  /** Stops it and returns its exit status, or the signal that ended it. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string | null> {
    if (this.isRunning) {
      this.#process.kill(signal);
      await once(this.#process, 'exit');
    }
    await rm(this.#folder, { recursive: true, force: true });
    return this.#process.signalCode ?? this.#process.exitCode;
  }

  get #lastWords(): string {
    return [...this.log.slice(-20).map((line) => JSON.stringify(line)), ...this.noise].join('\n');
  }

  #take(line: string): void {
    try {
      this.log.push(JSON.parse(line) as Logged);
    } catch {
      this.noise.push(line);
    }
  }
}
