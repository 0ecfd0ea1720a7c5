import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import { placeFor } from '../limits/eviction.ts';
import { isNameOf, type Reverse } from './clientName.ts';
import { files, readCredentials, type Credentials } from './credentials.ts';
import { watchFiles } from './watch.ts';

export interface TlsOptions {
  /** Holds keys/vdsmkey.pem, certs/vdsmcert.pem and certs/cacert.pem. */
  readonly folder: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** Whether a client's certificate must bear the address or a name of the client. */
  readonly verifyClient?: boolean;
  readonly reverse?: Reverse;
  /** How long a client may take for its handshake. */
  readonly handshakeTimeout?: Milliseconds;
  /** Handshakes at one time; with more the oldest makes room. */
  readonly maxHandshakes?: number;
  /** How often the files are looked at, and how long after a change they are read again. */
  readonly watch?: { readonly interval: Milliseconds; readonly settle: Milliseconds };
}

/** A connection whose handshake is not over. */
interface Handshake {
  readonly address: string;
  readonly then: (socket: TLSSocket) => void;
}

const DAY = Milliseconds(86_400_000);
const DAYS_OF_WARNING = 30;
const WATCH = { interval: Milliseconds(2000), settle: Milliseconds(1000) };

/** Encrypts connections for clients that show a certificate of our CA, with certificates that may change meanwhile. */
export class Tls {
  readonly #options: TlsOptions;
  readonly #server: Server;
  readonly #handshakes = new Map<Socket, Handshake>();
  /** Connections whose handshake is over, but not the check of their client's name. */
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
      void this.#welcome(socket);
    });
    this.#server.on('tlsClientError', (error, socket) => {
      const handshake = this.#end(socket);
      // one that made room was told of already
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

  /** Undefined where the folder holds none of the files; throws where they cannot be used. */
  static async open(options: TlsOptions): Promise<Tls | undefined> {
    const credentials = await readCredentials(options.folder);
    return credentials && new Tls(options, credentials);
  }

  /** When the certificate that is in use ends. */
  certificateExpiry(): Date {
    return this.#expiry;
  }

  /** Whether the certificate that is in use is that of a host of this name. */
  isNamed(name: string): boolean {
    return this.#isNamed(name);
  }

  /** Does the handshake on a connection of which nothing was read, then hands it on; closes it where that fails. */
  accept(socket: Socket, then: Handshake['then']): void {
    if (!this.#hasRoom(socket)) return;
    this.#handshakes.set(socket, { address: socket.remoteAddress ?? 'unknown', then });
    this.#server.emit('connection', socket);
  }

  /** Reads the files again, for connections from now on; where they cannot be used, what was read before stays. */
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
      log.error({ err }, 'the certificates that were in use stay in use');
    }
  }

  /** Ends what handshakes there are; connections that were handed on live on. */
  close(): void {
    this.#unwatch();
    this.#cancelReminder();
    for (const socket of [...this.#handshakes.keys(), ...this.#verified]) socket.destroy();
  }

  /** Whether there is a place for this connection, if need be that of another; without one it is closed. */
  #hasRoom(newcomer: Socket): boolean {
    const { maxHandshakes = 64, log } = this.#options;
    if (this.#handshakes.size + this.#verified.size < maxHandshakes) return true;
    const socket = placeFor(newcomer, this.#handshakes.keys()) ?? newcomer;
    const address = this.#handshakes.get(socket)?.address ?? socket.remoteAddress;
    log.info({ address }, 'closed a connection: too many TLS handshakes at once');
    this.#handshakes.delete(socket);
    socket.destroy();
    return socket !== newcomer;
  }

  async #welcome(socket: TLSSocket): Promise<void> {
    const { verifyClient = false, reverse } = this.#options;
    const handshake = this.#end(socket);
    if (!handshake) return;
    const { address, then } = handshake;
    const ignore = (): void => undefined;
    socket.on('error', ignore);
    if (verifyClient) {
      const name = String(socket.getPeerCertificate().subject.CN);
      this.#verified.add(socket);
      const isOwn = await isNameOf(name, address, reverse);
      this.#verified.delete(socket);
      if (!isOwn) this.#refuse(socket, address, `its certificate is that of ${name}`);
    }
    if (!socket.destroyed) then(socket);
    socket.off('error', ignore);
  }

  #refuse(socket: TLSSocket, address: string, reason: string): void {
    this.#options.log.info({ address, reason }, 'a TLS handshake failed');
    socket.destroy();
  }

  /** A TLS socket does not tell which socket it wraps; one that lost its peer's port has closed it already. */
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

/** The code of what is wrong with the certificate, or what OpenSSL calls the reason, without its place in the source. */
function reasonOf(error: Error & { reason?: string }, { authorizationError }: TLSSocket): string {
  // node declares an Error, and gives a code
  const unverified: unknown = authorizationError;
  return typeof unverified === 'string' ? unverified : (error.reason ?? error.message);
}
