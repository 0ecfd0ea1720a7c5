import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** A key, its certificate and the CA of the other side's certificate, in PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

/** The ports of a program under test. */
export interface Ports {
  readonly plain: number;
  readonly tls: number;
}

/**
 * Serves connections, plain and with TLS: receives the identity from the parent process, sends it the ports, and ends
 * with it.
 */
export function serve(accept: (socket: Socket) => void): void {
  const take = (socket: Socket): void => {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    accept(socket);
  };
  process.once('message', (identity: Identity) => {
    const encrypted = createTlsServer({ ...identity, requestCert: true }, take);
    const opened = [createServer(take), encrypted].map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
        }),
    );
    void Promise.all(opened).then(([plain = 0, tls = 0]) => {
      process.send?.({ plain, tls } satisfies Ports);
    });
  });
  process.once('disconnect', () => process.exit());
}
