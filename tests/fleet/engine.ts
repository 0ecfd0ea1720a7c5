import { setTimeout as pause } from 'node:timers/promises';
import { type FleetHost, PORT } from './host.ts';
import { StompConnection } from './stomp.ts';

/** A request of the engine, and what came of it. */
export interface Poll {
  readonly host: string;
  readonly method: string;
  /** When it was sent, of performance.now(), and how long the answer took, in ms. */
  readonly at: number;
  readonly took: number;
  /** Absent if it was answered. */
  readonly problem?: string;
}

const REFRESH_MS = 3000;
const POLL_MS = 15_000;
const TIMEOUT_MS = 180_000;

/** What the engine sends when a host has come up, and then every 15 s. */
const FIRST = ['Host.getCapabilities', 'Host.getHardwareInfo', 'Host.getStats'];
const PERIODIC = ['Host.getStats', 'Host.getAllVmStats'];
const MOM = { balloonEnabled: true, ksmEnabled: false, ksmMergeAcrossNodes: true };

/** Watches one host as ovirt-engine does. */
export class EngineWatch {
  readonly polls: Poll[] = [];
  events = 0;
  heartbeats = 0;
  connects = 0;
  readonly #host: FleetHost;
  readonly #pki: string;
  readonly #pending = new Map<string, (problem?: string) => void>();
  #connection: StompConnection | undefined;
  #closedBytes = 0;
  #isOver = false;
  #number = 0;

  constructor(host: FleetHost, pki: string) {
    this.#host = host;
    this.#pki = pki;
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  /** Bytes sent and received over all its connections. */
  get bytes(): number {
    return this.#closedBytes + (this.#connection?.bytes ?? 0);
  }

  /** Polls until {@link stop}; begins after `delay` ms, as hosts are not all asked at once. */
  async run(delay: number): Promise<void> {
    await pause(delay);
    let due = 0;
    while (!this.#isOver) {
      if (!this.#connection) {
        if (await this.#connect()) due = performance.now() + POLL_MS;
      } else if (performance.now() >= due) {
        due += POLL_MS;
        for (const method of PERIODIC) void this.#ask(method);
      }
      await pause(this.#connection ? Math.min(REFRESH_MS, due - performance.now()) : REFRESH_MS);
    }
  }

  stop(): void {
    this.#isOver = true;
    this.#connection?.close();
  }

  async #connect(): Promise<boolean> {
    const place = { host: this.#host.plan.address, port: PORT, pki: this.#pki };
    const opened = await StompConnection.open(place, {
      onMessage: (body) => {
        this.#receive(body);
      },
      onHeartbeat: () => (this.heartbeats += 1),
      onEnd: (reason) => {
        this.#closedBytes += opened?.bytes ?? 0;
        this.#connection = undefined;
        for (const end of [...this.#pending.values()]) end(reason);
      },
    }).catch(() => undefined);
    if (!opened) return false;
    this.#connection = opened;
    this.connects += 1;
    for (const method of FIRST) void this.#ask(method);
    void this.#ask('Host.setMOMPolicyParameters', { key_value_store: MOM });
    return true;
  }

  #receive(body: string): void {
    const { id, error } = JSON.parse(body) as Reply;
    if (id === undefined) this.events += 1;
    else this.#pending.get(id)?.(error?.message);
  }

  #ask(method: string, params: object = {}): Promise<void> {
    const id = `${this.#host.name}-${String((this.#number += 1))}`;
    const at = performance.now();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#pending.get(id)?.('no answer within 180 s'), TIMEOUT_MS);
      this.#pending.set(id, (problem) => {
        clearTimeout(timer);
        this.#pending.delete(id);
        const took = performance.now() - at;
        const poll = { host: this.#host.name, method, at, took };
        this.polls.push(problem === undefined ? poll : { ...poll, problem });
        resolve();
      });
      this.#connection?.send(JSON.stringify({ jsonrpc: '2.0', method, params, id }));
    });
  }
}

interface Reply {
  readonly id?: string;
  readonly error?: { readonly message: string };
}
