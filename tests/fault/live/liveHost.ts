import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, Guest } from '../../live/guest.ts';
import { PrivateLibvirtd } from '../../live/privateLibvirtd.ts';
import { Vmemd } from '../../live/vmemd.ts';
import { WsClient } from '../../support/wsClient.ts';

/** A VM without an operating system: its firmware stands still, it costs little, and takes a device without a guest. */
export const BARE = {
  memSize: 256,
  memGuaranteedSize: 128,
  kernel: undefined,
  initrd: undefined,
  kernelArgs: undefined,
};

type Temper = Parameters<typeof Guest.create>[1];
type Later = (task: () => Promise<unknown>) => void;

/** A libvirtd of the suite's own with guests and a vmemd, each of which can fail; what vmemd keeps survives it. */
export class LiveHost {
  readonly libvirtd: PrivateLibvirtd;
  /** For files of the test. */
  readonly folder: string;
  readonly #later: Later;
  readonly #guests = new Set<Guest>();
  #vmemd!: Vmemd;
  #client!: WsClient;

  private constructor(libvirtd: PrivateLibvirtd, folder: string, later: Later) {
    this.libvirtd = libvirtd;
    this.folder = folder;
    this.#later = later;
  }

  /** Starts libvirtd and vmemd; `later` gets what has to be done at the end. */
  static async open(later: Later): Promise<LiveHost> {
    const folder = await mkdtemp(join(tmpdir(), 'vmemd-fault-'));
    later(() => rm(folder, { recursive: true, force: true }));
    const libvirtd = await PrivateLibvirtd.start();
    later(() => libvirtd.stop());
    const host = new LiveHost(libvirtd, folder, later);
    await host.start();
    later(() => host.end('SIGTERM'));
    return host;
  }

  get client(): WsClient {
    return this.#client;
  }

  get httpUrl(): string {
    return this.#vmemd.httpUrl;
  }

  call(method: string, params: object = {}): Promise<unknown> {
    return this.#client.call(method, params);
  }

  /** Another connection, as of another client. */
  async newClient(): Promise<WsClient> {
    const client = await WsClient.connect(this.#vmemd.url);
    this.#later(() => client.close());
    return client;
  }

  /** Starts a guest that is removed at the end; `changes` are parameters of VM.create. */
  async guest(changes: object = {}, temper?: Temper): Promise<Guest> {
    const guest = await Guest.create(this.#client, temper, changes);
    this.#guests.add(guest);
    this.#later(() => guest.dispose());
    await eventually(
      () => guest.stats(),
      ({ status }) => status !== 'WaitForLaunch',
    );
    return guest;
  }

  /** Starts vmemd, and connects all guests to it. */
  async start(): Promise<void> {
    this.#vmemd = await Vmemd.start(
      this.libvirtd.uri,
      `reservations_path = ${this.folder}/reservations.json
[hotplug]
online_timeout = 10
[policy]
state_path = ${this.folder}/policy.json
[rpc]
unix_socket = none
`,
    );
    this.#client = await WsClient.connect(this.#vmemd.url);
    await this.#client.call('Events.subscribe');
    for (const guest of this.#guests) guest.reconnect(this.#client);
  }

  /** Ends vmemd; returns its exit status, or the signal that killed it. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | string | null> {
    const status = await this.#vmemd.end(signal);
    await this.#client.close();
    return status;
  }
}
