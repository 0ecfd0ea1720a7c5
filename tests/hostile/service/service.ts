import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '../../../src/client/client.ts';
import { createGuests } from '../../../scripts/lib/demo.ts';
import type { Summary, Verdict } from '../target.ts';
import { Daemon } from './daemon.ts';
import { HostilePki } from './hostilePki.ts';
import type { Held } from './inspector.ts';
import { Phases } from './phases.ts';
import { Witness } from './witness.ts';

/** Other machines' addresses begin so, where the run has a network of its own. */
export const NETWORK = process.env['VMEMD_HOSTILE_NETWORK'];

/** Memory and resources that may remain when all clients have gone. */
const MAX_GROWTH_MB = 25;
const MAX_MORE_RESOURCES = 30;
/** How long it may take until nothing of ended clients remains. */
const SETTLE_MS = 20_000;
const MB = 1e6;

/** A running vmemd under fire, a well-behaved client beside, and what it held before. */
export class Service {
  readonly pki: HostilePki;
  #daemon: Daemon;
  #before: Held;
  readonly #witness: Witness | undefined;
  readonly #phases: Phases;
  readonly #complaints: string[] = [];
  #restart: Promise<void> | undefined;

  private constructor(pki: HostilePki, daemon: Daemon, before: Held, witness: Witness | undefined) {
    this.pki = pki;
    this.#daemon = daemon;
    this.#before = before;
    this.#witness = witness;
    this.#phases = new Phases((phase) => witness?.enter(phase));
  }

  /** Starts it with guests. */
  static async open({ isWitnessed }: { readonly isWitnessed: boolean }): Promise<Service> {
    const pki = new HostilePki(NETWORK === undefined ? [] : [`${NETWORK}.1`]);
    const daemon = await started(pki);
    const url = `wss://localhost:${String(daemon.port)}`;
    const witness =
      isWitnessed ? await Witness.start({ url, tls: pki.files, pid: daemon.pid }) : undefined;
    return new Service(pki, daemon, await daemon.inspector.held(), witness);
  }

  get port(): number {
    return this.#daemon.port;
  }

  get pid(): number {
    return this.#daemon.pid;
  }

  /** Does something hostile, at the same time as others; returns what is wrong afterwards. */
  async fire(work: () => Promise<Verdict>): Promise<Verdict> {
    await this.#restart;
    const verdict = await this.#phases.inFire(work);
    if (!this.#daemon.hasEnded) return verdict;
    const { complaints } = this.#daemon;
    this.#restart ??= this.#startAgain();
    await this.#restart;
    return `vmemd ended: ${complaints.join('\n')}`;
  }

  /** Ends it; returns what remained of its clients, and what its log complains of. */
  async close(): Promise<Summary> {
    const seen = (await this.#witness?.end()) ?? { wrong: [], figures: [] };
    const { wrong, figures } = await this.remains();
    const complaints = [...this.#complaints, ...this.#daemon.complaints].slice(0, 5);
    await this.#daemon.end();
    this.pki.remove();
    return {
      wrong: [...seen.wrong, ...wrong, ...complaints.map((line) => `the log has ${line}`)],
      figures: [...seen.figures, ...figures],
    };
  }

  /** Waits until nothing of the clients that have gone remains; returns what does. */
  async remains(): Promise<Summary> {
    const end = performance.now() + SETTLE_MS;
    let found = await this.#growth();
    while (found.wrong.length > 0 && performance.now() < end) {
      await pause(500);
      found = await this.#growth();
    }
    return found;
  }

  async #growth(): Promise<Summary> {
    const now = await this.#daemon.inspector.held();
    const heap = (now.heap - this.#before.heap) / MB;
    const wrong = heap > MAX_GROWTH_MB ? [`vmemd's heap grew by ${heap.toFixed(0)} MB`] : [];
    for (const [kind, count] of Object.entries(now.resources)) {
      const more = count - (this.#before.resources[kind] ?? 0);
      if (more > MAX_MORE_RESOURCES) wrong.push(`${String(more)} more ${kind} remain`);
    }
    return {
      wrong,
      figures: [`heap ${heap < 0 ? '' : '+'}${heap.toFixed(1)} MB`, `RSS ${rssOf(this.pid)} MB`],
    };
  }

  async #startAgain(): Promise<void> {
    this.#complaints.push('vmemd ended');
    await this.#daemon.end();
    this.#daemon = await started(this.pki);
    this.#before = await this.#daemon.inspector.held();
    this.#restart = undefined;
  }
}

async function started(pki: HostilePki): Promise<Daemon> {
  const daemon = await Daemon.start(
    pki.folder,
    NETWORK === undefined ? '127.0.0.1:0' : '0.0.0.0:0',
  );
  const client = new Client({ targets: [{ kind: 'plain', host: '127.0.0.1', port: daemon.port }] });
  await createGuests(client);
  await client.close();
  return daemon;
}

const rssOf = (pid: number): string => {
  const kB = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
  return (Number(kB) / 1000).toFixed(0);
};

/** Returns how many files and sockets a process has open. */
export const openFiles = (pid: number): number => readdirSync(`/proc/${String(pid)}/fd`).length;
