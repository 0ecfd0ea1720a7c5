import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Inspector } from './inspector.ts';

const root = join(import.meta.dirname, '../../..');
/** The built program, or while it is not built its source. */
const PROGRAM =
  process.env['VMEMD_HOSTILE_BUILT'] === '1' ?
    ['dist/vmemd/main.cjs']
  : ['--import', 'tsx', 'src/main.ts'];

const START_MS = 60_000;
/** Lines of the log that are kept for a report. */
const MAX_LINES = 100;

/**
 * Short waits for guests, so that a request that waits for one ends soon; few VMs, so that they do not add up; and a user
 * with a class of its own, so that the kernel is asked for the user of each local connection.
 */
const configuration = (folder: string): string => `[vars]
vm_command_timeout = 2
max_vms = 24
[sampling]
interval = 1
[hotplug]
unplug_timeout = 1
online_timeout = 1
[rpc]
max_unread_bytes = 4194304
[access]
read = user:nobody
[policy]
state_path = ${folder}/policy
[memory]
reservations_path = ${folder}/reservations
[mom]
parameters_path = ${folder}/mom
`;

/** vmemd on the simulated host as a process of its own, with and without TLS on one port. */
export class Daemon {
  readonly port: number;
  readonly inspector: Inspector;
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #complaints: readonly string[];

  private constructor(
    process: ChildProcess,
    { port, inspector, folder, complaints }: Started & { readonly inspector: Inspector },
  ) {
    this.#process = process;
    this.port = port;
    this.inspector = inspector;
    this.#folder = folder;
    this.#complaints = complaints;
  }

  /** Starts it with the certificates of a folder; throws with its log if it does not serve. */
  static async start(pki: string, listen: string): Promise<Daemon> {
    const folder = mkdtempSync(join(tmpdir(), 'vmemd-hostile-'));
    const config = join(folder, 'vmemd.conf');
    writeFileSync(config, configuration(folder));
    const own = ['--connect', 'simulated', '--listen', listen, '--pki', pki, '--config', config];
    const child = spawn(process.execPath, ['--inspect=127.0.0.1:0', ...PROGRAM, ...own], {
      cwd: root,
      // settings can also be given by VMEMD_…
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = await served(child, folder);
    return new Daemon(child, { ...started, inspector: await Inspector.open(started.inspect) });
  }

  get pid(): number {
    return this.#process.pid ?? NaN;
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** The log's lines about faults of vmemd's own. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  async end(): Promise<void> {
    this.inspector.close();
    if (!this.hasEnded) {
      this.#process.kill();
      await once(this.#process, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

interface Started {
  readonly port: number;
  readonly folder: string;
  readonly inspect: string;
  readonly complaints: readonly string[];
}

/** Reads the log on, so that the process never waits for its reader. */
function served(child: ChildProcess, folder: string): Promise<Started> {
  const lines: string[] = [];
  const complaints: string[] = [];
  let inspect = '';
  return new Promise((resolve, reject) => {
    const fail = (): void => {
      reject(new Error(`vmemd did not start:\n${lines.join('\n')}`));
    };
    const timer = setTimeout(fail, START_MS);
    child.once('exit', fail);
    const read = (line: string): void => {
      if (lines.length < MAX_LINES) lines.push(line);
      if (isComplaint(line) && complaints.length < MAX_LINES) complaints.push(line);
      inspect ||= /Debugger listening on (ws:\S+)/.exec(line)?.[1] ?? '';
      const port = /wss?:\/\/[^\s"',]+:(\d+)/.exec(line)?.[1];
      if (port === undefined || line.startsWith('Debugger') || inspect === '') return;
      clearTimeout(timer);
      child.off('exit', fail);
      resolve({ port: Number(port), folder, inspect, complaints });
    };
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface(stream).on('line', read);
    }
  });
}

const isComplaint = (line: string): boolean =>
  /^\{"level":"(error|fatal)"|^\{"level":"\w+","time":"[^"]+","event":"bug"|^(Uncaught|Error|TypeError|RangeError)|Unhandled|^FATAL/.test(
    line,
  );
