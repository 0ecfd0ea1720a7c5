import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGuests } from '../../scripts/lib/demo.ts';
import { Client } from '../../src/client/client.ts';
import { clientFiles } from './certificates.ts';
import { addNamespace } from './network.ts';
import { eventually } from './eventually.ts';

const root = join(import.meta.dirname, '../..');
export const PORT = 54_321;
/** Of the kernel's clock that counts CPU time, per second. */
const TICKS = 100;

export interface HostPlan {
  readonly name: string;
  readonly address: string;
  readonly cluster: string;
  /** Folders of the host's certificate, of an administrator's, and for what it keeps. */
  readonly pki: string;
  readonly clientPki: string;
  readonly folder: string;
}

/** A simulated host with a vmemd of its own, in a network namespace of its own. */
export class FleetHost {
  readonly plan: HostPlan;
  readonly client: Client;
  #process: ChildProcess | undefined;

  constructor(plan: HostPlan) {
    const { name, address, clientPki } = plan;
    this.plan = plan;
    addNamespace(name, address);
    const target = {
      kind: 'tls',
      host: address,
      port: PORT,
      files: clientFiles(clientPki),
    } as const;
    this.client = new Client({ targets: [target] });
  }

  get name(): string {
    return this.plan.name;
  }

  /** Starts vmemd and guests with living loads; fulfils once all run. */
  async start(): Promise<void> {
    const { name, address, pki, folder } = this.plan;
    const config = join(folder, `${name}.conf`);
    writeFileSync(config, configuration(join(folder, name)));
    const daemon = ['node', 'dist/vmemd/main.cjs', '--connect', 'simulated', '--pki', pki];
    daemon.push('--listen', `${address}:${String(PORT)}`, '--config', config);
    const script = `hostname ${name} && exec ${daemon.join(' ')}`;
    const args = ['netns', 'exec', name, 'unshare', '--uts', 'sh', '-c', script];
    const child = spawn('ip', args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const log = join(folder, `${name}.log`);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        appendFileSync(log, chunk);
      });
    }
    this.#process = child;
    await eventually(`vmemd of ${name} answers`, () =>
      this.client.call('Host.getVMList').then(
        () => true,
        () => false,
      ),
    );
    await createGuests(this.client);
  }

  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#process?.kill(name);
  }

  /** Kills vmemd as a crash would; its guests, which are simulated, are gone with it. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    this.#process = undefined;
  }

  /** CPU time of vmemd in seconds, and its resident memory in MiB. */
  usage(): { readonly cpu: number; readonly rss: number } {
    const folder = `/proc/${String(this.#process?.pid)}`;
    const stat = readFileSync(`${folder}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`${folder}/status`, 'utf8'))?.[1];
    return { cpu: (Number(fields[11]) + Number(fields[12])) / TICKS, rss: Number(rss) / 1024 };
  }
}

const configuration = (state: string): string => `[rpc]
unix_socket = none
[policy]
state_path = ${state}.policy
[memory]
reservations_path = ${state}.reservations
[mom]
parameters_path = ${state}.mom
`;
