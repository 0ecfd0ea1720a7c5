import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A wait for vmemd that has no end by then is a finding. */
export const PATIENCE_MS = 20_000;

/** A connection that sends any bytes and keeps what comes. */
export class RawConnection {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  #look = (): void => undefined;
  #isClosed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#look();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isClosed = true;
      this.#look();
    });
  }

  static async open(port: number, host = '127.0.0.1'): Promise<RawConnection> {
    const socket = connect({ port, host, noDelay: true, allowHalfOpen: true });
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE_MS) });
    return new RawConnection(socket);
  }

  /** Whether vmemd has ended or reset the connection. */
  get isClosed(): boolean {
    return this.#isClosed || this.#socket.readableEnded;
  }

  /** What has come, as text of its bytes. */
  get received(): string {
    return Buffer.concat(this.#chunks).toString('latin1');
  }

  /** Sends pieces, each as a packet of its own. */
  async send(pieces: readonly string[]): Promise<void> {
    for (const [at, piece] of pieces.entries()) {
      if (at > 0) await pause(0);
      if (!this.#socket.writable) return;
      this.#socket.write(Buffer.from(piece, 'latin1'));
    }
  }

  /** Fulfils with true when `isDone`, and with false if that takes too long. */
  until(isDone: () => boolean, patience = PATIENCE_MS): Promise<boolean> {
    if (isDone()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(isDone());
      }, patience);
      this.#look = () => {
        if (!isDone()) return;
        clearTimeout(timer);
        resolve(true);
      };
      this.#socket.once('end', this.#look);
    });
  }

  /** Sends no more; fulfils with whether vmemd then closes the connection. */
  async finish(): Promise<boolean> {
    this.#socket.end();
    const isClosed = await this.until(() => this.isClosed);
    this.destroy();
    return isClosed;
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
