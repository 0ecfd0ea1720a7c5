import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { clientFiles, FleetCertificates } from '../../fleet/certificates.ts';
import type { Place } from '../clients/wire.ts';
import { freePort } from '../../support/freePort.ts';
import { SoakLog } from './log.ts';
import type { Asked, Question, Reply } from './messages.ts';

const root = join(import.meta.dirname, '../../..');

interface Waiting {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** vmemd in a process of its own, on a simulated host with faults. */
export class SoakDaemon {
  readonly place: Place;
  readonly log = new SoakLog();
  /** The file that has all that it printed. */
  readonly logFile: string;
  readonly ended: Promise<readonly [code: number | null, signal: NodeJS.Signals | null]>;
  readonly #process: ChildProcess;
  readonly #certificates: FleetCertificates;
  readonly #folder: string;
  readonly #waiting = new Map<number, Waiting>();
  #number = 0;

  private constructor(
    child: ChildProcess,
    {
      place,
      folder,
      certificates,
    }: { place: Place; folder: string; certificates: FleetCertificates },
  ) {
    this.#process = child;
    this.#folder = folder;
    this.#certificates = certificates;
    this.place = place;
    this.logFile = join(folder, 'vmemd.log');
    this.ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const file = createWriteStream(this.logFile);
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface(stream).on('line', (line) => {
        file.write(`${line}\n`);
        this.log.read(line);
      });
    }
    child.on('message', ({ id, reply }: Reply) => {
      this.#waiting.get(id)?.resolve(reply);
      this.#waiting.delete(id);
    });
    void this.ended.then(([code, signal]) => {
      const error = new Error(`vmemd has ended: ${String(signal ?? code)}; see ${this.logFile}`);
      for (const { reject } of this.#waiting.values()) reject(error);
    });
  }

  static async start(seed: number): Promise<SoakDaemon> {
    const folder = mkdtempSync(join(tmpdir(), 'vmemd-soak-'));
    const certificates = new FleetCertificates();
    const pki = certificates.host('localhost', '127.0.0.1');
    const port = await freePort();
    const unixSocket = join(folder, 'vmemd.sock');
    const config = join(folder, 'vmemd.conf');
    writeFileSync(config, configuration(unixSocket));
    const listen = ['--listen', `127.0.0.1:${String(port)}`];
    const args = ['--connect', 'simulated', '--pki', pki, '--config', config, ...listen];
    const child = fork(join(import.meta.dirname, 'program.ts'), args, {
      cwd: root,
      execArgv: ['--import', 'tsx', '--expose-gc'],
      env: { ...process.env, SOAK_SEED: String(seed) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const files = clientFiles(certificates.client('admin'));
    return new SoakDaemon(child, { place: { port, unixSocket, files }, folder, certificates });
  }

  /** Rejects if vmemd ends before it replies. */
  ask<K extends keyof Asked>(ask: K): Promise<Asked[K]> {
    const id = (this.#number += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (reply: unknown) => void, reject });
      this.#process.send({ id, ask } satisfies Question);
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Ends it, if it still runs, and removes its files unless they are to be looked at. */
  async remove({ keep }: { readonly keep: boolean }): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL');
      await this.ended;
    }
    this.#certificates.remove();
    if (!keep) rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Short times, so that whatever waits has ended when a round is judged. */
const configuration = (unixSocket: string): string => `[rpc]
unix_socket = ${unixSocket}
max_unread_bytes = 1048576
[vars]
vm_command_timeout = 4
[sampling]
interval = 2
history = 10
[memory]
mem_stats_period_seconds = 2
[hotplug]
unplug_timeout = 3
online_timeout = 1
[policy]
interval = 2
pin_time = 5
[logging]
format = json
`;
