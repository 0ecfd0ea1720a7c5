import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import type { Cancel, Clock } from '../../common/clock.ts';
import { peerAddress } from '../../common/loopback.ts';
import { Milliseconds } from '../../common/units.ts';
import { isNameOf, type Reverse } from './clientName.ts';
import { type Credentials, files, readCredentials } from './credentials.ts';
import { watchFiles } from './watch.ts';
import { away } from '../limits/turnedAway.ts';

export interface TlsOptions {
  /** Contains keys/vdsmkey.pem, certs/vdsmcert.pem and certs/cacert.pem. */
  readonly folder: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** Whether a client's certificate must have the client's address or name as its common name. */
  readonly verifyClient?: boolean;
  readonly reverse?: Reverse;
  /** How long a client may take for its handshake. */
  readonly handshakeTimeout?: Milliseconds;
  /** How often the files are checked, and how long after a change they are read again. */
  readonly watch?: { readonly interval: Milliseconds; readonly settle: Milliseconds };
}

/** A handshake in progress. */
interface Handshake {
  readonly address: string;
  readonly then: (socket: TLSSocket) => void;
}

const DAY = Milliseconds(86_400_000);
const DAYS_OF_WARNING = 30;
const WATCH = { interval: Milliseconds(2000), settle: Milliseconds(1000) };

/** TLS for clients with a certificate of the CA. Its own certificates are read again when their files change. */
export class Tls {
  readonly #options: TlsOptions;
  readonly #server: Server;
  readonly #handshakes = new Map<Socket, Handshake>();
  /** Connections after the handshake whose client name is being checked. */
  readonly #verified = new Set<TLSSocket>();
  readonly #unwatch: Cancel;
  #expiry: Date;
  #isNamed: Credentials['isNamed'];
  #cancelReminder: Cancel = () => undefined;

  private constructor(options: TlsOptions, { context, expiry, isNamed }: Credentials) {
    this.#options = options;
    this.#expiry = expiry;
    this.#isNamed = isNamed;
    this.#server = createServer({
      ...context,
      requestCert: true,
      rejectUnauthorized: true,
      handshakeTimeout: options.handshakeTimeout ?? 10_000,
    });
    this.#server.on('secureConnection', (socket) => {
      void this.#verify(socket);
    });
    this.#server.on('tlsClientError', (error, socket) => {
      const handshake = this.#end(socket);
      // an evicted connection is already logged
      if (handshake) this.#refuse(socket, handshake.address, reasonOf(error, socket));
      else socket.destroy();
    });
    const paths = Object.values(files).map((name) => join(options.folder, name));
    const changed = (): void => void this.reload();
    this.#unwatch = watchFiles(paths, changed, {
      clock: options.clock,
      ...WATCH,
      ...options.watch,
    });
    this.#remind();
  }

  /** Returns undefined if the folder contains none of the files; throws if they are unusable. */
  static async open(options: TlsOptions): Promise<Tls | undefined> {
    const credentials = await readCredentials(options.folder);
    return credentials && new Tls(options, credentials);
  }

  /** Returns when the current certificate expires. */
  certificateExpiry(): Date {
    return this.#expiry;
  }

  /** Returns whether the current certificate is valid for this host name. */
  isNamed(name: string): boolean {
    return this.#isNamed(name);
  }

  /** Performs the handshake on a connection of which nothing was read, then calls `then`; closes it on failure. */
  accept(socket: Socket, then: Handshake['then']): void {
    this.#handshakes.set(socket, { address: peerAddress(socket), then });
    this.#server.emit('connection', socket);
  }

  /** Reads the files again, for future connections; if they are unusable, the current ones stay in use. */
  async reload(): Promise<void> {
    const { folder, log } = this.#options;
    try {
      const credentials = await readCredentials(folder);
      if (!credentials) throw new Error(`There are no certificates in ${folder}.`);
      this.#server.setSecureContext(credentials.context);
      this.#expiry = credentials.expiry;
      this.#isNamed = credentials.isNamed;
      log.info({ folder, expiry: this.#expiry.toISOString() }, 'read the certificates again');
      this.#remind();
    } catch (err) {
      log.error({ err }, 'could not read the certificates again; the current ones stay in use');
    }
  }

  /** Closes connections during the handshake; those after it stay open. */
  close(): void {
    this.#unwatch();
    this.#cancelReminder();
    for (const socket of [...this.#handshakes.keys(), ...this.#verified]) socket.destroy();
  }

  async #verify(socket: TLSSocket): Promise<void> {
    const { verifyClient = false, log, reverse } = this.#options;
    const handshake = this.#end(socket);
    if (!handshake) return;
    const { address, then } = handshake;
    const ignore = (): void => undefined;
    socket.on('error', ignore);
    if (verifyClient) {
      const name = String(socket.getPeerCertificate().subject.CN);
      this.#verified.add(socket);
      const isOwn = await isNameOf(name, address, { log, reverse });
      this.#verified.delete(socket);
      if (!isOwn) this.#refuse(socket, address, `its certificate is that of ${name}`);
    }
    if (!socket.destroyed) then(socket);
    socket.off('error', ignore);
  }

  #refuse(socket: TLSSocket, address: string, reason: string): void {
    this.#options.log.info(away('handshake_failed', { address, reason }), 'a TLS handshake failed');
    socket.destroy();
  }

  /**
   * Ends the handshake of a TLS socket. Node does not expose the wrapped socket, so it is found by the peer's address, or
   * by being closed if the TLS socket has no address left.
   */
  #end({ remotePort, remoteAddress }: TLSSocket): Handshake | undefined {
    for (const [raw, handshake] of this.#handshakes) {
      const isIt =
        remotePort === undefined ?
          raw.destroyed
        : raw.remotePort === remotePort && raw.remoteAddress === remoteAddress;
      if (!isIt) continue;
      this.#handshakes.delete(raw);
      return handshake;
    }
    return undefined;
  }

  #remind(): void {
    const { log, clock } = this.#options;
    this.#cancelReminder();
    this.#cancelReminder = clock.after(DAY, () => {
      this.#remind();
    });
    const days = Math.floor((this.#expiry.getTime() - Date.now()) / DAY);
    const expiry = this.#expiry.toISOString();
    if (days < 0) log.warn({ expiry }, 'the TLS certificate has expired: renew it');
    else if (days < DAYS_OF_WARNING) {
      log.warn({ expiry }, `the TLS certificate expires in ${days} days: renew it`);
    }
  }
}

/** Returns Node's code for a bad certificate, else OpenSSL's reason, without its source file and line. */
function reasonOf(error: Error & { reason?: string }, { authorizationError }: TLSSocket): string {
  // declared as Error, but a string at run time
  const unverified: unknown = authorizationError;
  return typeof unverified === 'string' ? unverified : (error.reason ?? error.message);
}
