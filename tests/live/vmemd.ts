import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Names a file to which the daemons' logs are added. */
const LOG = process.env['VMEMD_TEST_LOG'];

/** The program to start, which starts sooner than the sources; they are started where it is absent. */
const PROGRAM = process.env['VMEMD_TEST_PROGRAM'];

const root = join(import.meta.dirname, '../..');

// Sampling by the second, so that tests need not wait for figures.
const CONFIGURATION = `[sampling]
interval = 1
[memory]
mem_stats_period_seconds = 1
`;

const STATELESS = '\n[policy]\nstate_path = none\n';

/** The daemon as a process of its own, on a free port. */
export class Vmemd {
  #url = '';
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(process: ChildProcess, folder: string) {
    this.#process = process;
    this.#folder = folder;
  }

  /**
   * Starts it on this connection URI (`simulated` included) with `more` in its configuration, on a free port unless
   * `listen` names one; throws with what it logged if it does not come up.
   */
  static async start(uri: string, more = '', listen = '127.0.0.1:0'): Promise<Vmemd> {
    const folder = await mkdtemp(join(tmpdir(), 'vmemd-'));
    const config = join(folder, 'vmemd.conf');
    await writeFile(config, CONFIGURATION + more + (more.includes('state_path') ? '' : STATELESS));
    const options = ['--connect', uri, '--listen', listen, '--config', config];
    const program = PROGRAM ? [PROGRAM] : ['--import', 'tsx', 'src/main.ts'];
    const child = spawn(process.execPath, [...program, ...options], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const vmemd = new Vmemd(child, folder);
    vmemd.#url = await address(child).catch(async (error: unknown) => {
      await vmemd.end('SIGKILL');
      throw error;
    });
    return vmemd;
  }

  /** The address of its WebSocket connections. */
  get url(): string {
    return this.#url;
  }

  /** The address of its HTTP requests. */
  get httpUrl(): string {
    return this.#url.replace(/^ws/, 'http');
  }

  /** Stops it and returns its exit status, or the signal that killed it. */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | string | null> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill(signal);
      await once(this.#process, 'exit');
    }
    await rm(this.#folder, { recursive: true, force: true });
    return this.#process.signalCode ?? this.#process.exitCode;
  }
}

/** The address from the log; the log is read on until the process ends, so that it never blocks on a full pipe. */
function address({ stdout, stderr }: ChildProcess): Promise<string> {
  const logged: string[] = [];
  return new Promise((resolve, reject) => {
    let open = 0;
    for (const stream of [stdout, stderr]) {
      if (!stream) continue;
      open += 1;
      createInterface(stream)
        .on('line', (line) => {
          if (LOG) appendFileSync(LOG, `${line}\n`);
          const url = /serving .*?(ws:\/\/[^\s",]+)/.exec(line)?.[1];
          if (url) resolve(url);
          else logged.push(line);
        })
        .on('close', () => {
          open -= 1;
          if (open === 0) reject(new Error(`vmemd did not come up:\n${logged.join('\n')}`));
        });
    }
  });
}
