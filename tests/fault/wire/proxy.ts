import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is done to a piece of what one side sends: pieces for the other side, or undefined if the connection breaks. */
export type Meddler = (bytes: Buffer) => readonly Piece[] | undefined;

/** Bytes, and after which delay they are sent, in milliseconds. */
export interface Piece {
  readonly bytes: Buffer;
  readonly delay: number;
}

/** Returns what is done to a new connection, in each direction. */
export type Meddling = () => { readonly toDaemon: Meddler; readonly toClient: Meddler };

export const honest: Meddler = (bytes) => [{ bytes, delay: 0 }];

/** Stands before the socket of a libvirt daemon, and meddles with what passes. */
export class Proxy {
  readonly path: string;
  /** How connections are meddled with from now on; those that exist keep what they have. */
  meddling: Meddling = () => ({ toDaemon: honest, toClient: honest });
  /** How many connections there have been. */
  connections = 0;
  readonly #target: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(path: string, target: string) {
    this.path = path;
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /** Listens at `path` for clients of the daemon at `target`. */
  static async start(path: string, target: string): Promise<Proxy> {
    const proxy = new Proxy(path, target);
    await once(proxy.#server.listen(path), 'listening');
    return proxy;
  }

  /** Passes all on as it is, and breaks the connections that it has meddled with. */
  calm(): void {
    this.meddling = () => ({ toDaemon: honest, toClient: honest });
    this.drop();
  }

  /** Breaks all connections. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.drop();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    this.connections += 1;
    const daemon = createConnection(this.#target);
    const { toDaemon, toClient } = this.meddling();
    const pair = [client, daemon];
    const cut = (): void => {
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) {
      this.#sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        cut();
      });
    }
    relay(client, daemon, toDaemon, cut);
    relay(daemon, client, toClient, cut);
  }
}

/** Passes on what comes, in order. */
function relay(from: Socket, to: Socket, meddle: Meddler, cut: () => void): void {
  let sent: Promise<unknown> = Promise.resolve();
  from.on('data', (bytes: Buffer) => {
    const pieces = meddle(bytes);
    sent = sent.then(async () => {
      if (!pieces) {
        cut();
        return;
      }
      for (const piece of pieces) {
        if (piece.delay > 0) await sleep(piece.delay);
        if (!to.destroyed) to.write(piece.bytes);
      }
    });
  });
  from.on('end', () => {
    void sent.then(() => to.end());
  });
}
