import { WsClient } from '../support/wsClient.ts';
import { Guest } from './guest.ts';
import { PrivateLibvirtd } from './privateLibvirtd.ts';
import { Vmemd } from './vmemd.ts';

/** A guest on a libvirtd of the suite's own, with a vmemd that can be ended and started again. */
export class OwnGuest {
  readonly libvirtd: PrivateLibvirtd;
  #vmemd!: Vmemd;
  #client!: WsClient;
  #guest!: Guest;

  private constructor(libvirtd: PrivateLibvirtd) {
    this.libvirtd = libvirtd;
  }

  /** Starts all of it, and waits until the guest has booted; `later` gets what has to be done at the end. */
  static async boot(later: (task: () => Promise<unknown>) => void): Promise<OwnGuest> {
    const own = new OwnGuest(await PrivateLibvirtd.start());
    later(() => own.libvirtd.stop());
    await own.#connect();
    later(() => own.#vmemd.end());
    later(() => own.#client.close());
    own.#guest = await Guest.create(own.#client);
    later(() => own.#guest.dispose());
    await own.#guest.booted();
    return own;
  }

  get guest(): Guest {
    return this.#guest;
  }

  /** Ends vmemd; returns its exit status, or the signal that killed it. */
  end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | string | null> {
    return this.#vmemd.end(signal);
  }

  /** Starts vmemd again. */
  async start(): Promise<void> {
    await this.#connect();
    this.#guest.reconnect(this.#client);
  }

  async #connect(): Promise<void> {
    this.#vmemd = await Vmemd.start(this.libvirtd.uri);
    this.#client = await WsClient.connect(this.#vmemd.url);
    await this.#client.call('Events.subscribe');
  }
}
