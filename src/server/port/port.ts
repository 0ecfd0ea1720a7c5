import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Clock } from '../../common/clock.ts';
import { isLoopback, peerAddress } from '../../common/loopback.ts';
import { Milliseconds } from '../../common/units.ts';
import { evictFor } from '../limits/eviction.ts';
import { endWith } from '../limits/lastWords.ts';
import type { Tls } from '../tls/tls.ts';
import { detectProtocol, type Protocol } from './protocolDetection.ts';

/** An address to listen on; `localhost` is both loopback addresses of the machine, port 0 any free port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Takes over a connection of which nothing has been read. */
export type Accept = (socket: Socket) => void;

export interface PortOptions {
  readonly endpoints: readonly Endpoint[];
  readonly http: Accept;
  readonly stomp?: Accept;
  /** Gets connections that begin with a TLS handshake; without it they are closed. */
  readonly tls?: Pick<Tls, 'accept'> | undefined;
  /** Returns whether a peer may connect without TLS; by default peers of this machine. */
  readonly allowsPlain?: (address: string) => boolean;
  readonly log: Logger;
  readonly clock: Clock;
  /** Connections to one address at a time; beyond that the oldest of unknown protocol is closed. */
  readonly maxConnections?: number;
  /** How long a client may take to send enough for its protocol to be detected. */
  readonly detectTimeout?: Milliseconds;
}

/** An open port. */
export interface Port {
  /** Where it listens, with the actual port numbers. */
  readonly endpoints: readonly Endpoint[];
  /** Accepts no further connections and closes those of unknown protocol. */
  close(): void;
}

/** Opens the port on all its addresses; rejects if it cannot listen on one of them. */
export async function openPort(options: PortOptions): Promise<Port> {
  const pending = new Set<Socket>();
  const acceptEncrypted = (socket: Socket): void => {
    detect(socket, pending, options, (protocol) => {
      serve(socket, protocol, options);
    });
  };
  const accept = (socket: Socket, open: Set<Socket>): void => {
    if (!makeRoom(socket, open, pending, options)) return;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    detect(socket, pending, options, (protocol) => {
      if (protocol === 'tls' && options.tls) options.tls.accept(socket, acceptEncrypted);
      else servePlain(socket, protocol, options);
    });
  };
  const servers: Server[] = [];
  const close = (): void => {
    for (const server of servers) server.close();
    for (const socket of pending) socket.destroy();
  };
  try {
    for (const endpoint of options.endpoints) {
      servers.push(...(await listenAll(endpoint, accept)));
    }
  } catch (error) {
    close();
    throw error;
  }
  return { endpoints: servers.map(endpointOf), close };
}

const endpointOf = (server: Server): Endpoint => {
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port };
};

/** Takes over a connection to an address; `open` are the open connections to that address. */
type AcceptAmong = (socket: Socket, open: Set<Socket>) => void;

async function listenAll({ host, port }: Endpoint, accept: AcceptAmong): Promise<Server[]> {
  if (host === '::') return [await listenDual(port, accept)];
  if (host !== 'localhost') return [await listen({ host, port }, accept)];
  const first = await listen({ host: '127.0.0.1', port }, accept);
  const second = { host: '::1', port: endpointOf(first).port };
  try {
    return [first, await listen(second, accept)];
  } catch (error) {
    if (isWithoutIPv6(error)) return [first];
    first.close();
    throw error;
  }
}

/** Listens on all addresses of the machine, or of IPv4 if it has no IPv6. */
async function listenDual(port: number, accept: AcceptAmong): Promise<Server> {
  try {
    return await listen({ host: '::', port }, accept);
  } catch (error) {
    if (!isWithoutIPv6(error)) throw error;
    return listen({ host: '0.0.0.0', port }, accept);
  }
}

const isWithoutIPv6 = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT');

function listen(endpoint: Endpoint, accept: AcceptAmong): Promise<Server> {
  return new Promise((resolve, reject) => {
    const open = new Set<Socket>();
    const server = createServer({ noDelay: true }, (socket) => {
      accept(socket, open);
    });
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const { code } = cause;
      reject(Object.assign(new Error(listenError(endpoint, cause), { cause }), { code }));
    });
    server.listen(endpoint, () => {
      resolve(server);
    });
  });
}

function listenError({ host, port }: Endpoint, { code, message }: NodeJS.ErrnoException): string {
  const place = `${host}, port ${String(port)}`;
  if (code === 'EADDRINUSE') {
    return `${place}, is in use: end what listens there, perhaps another vmemd, or choose another port with --listen.`;
  }
  if (code === 'EADDRNOTAVAIL') {
    return `${host} is no address of this machine: choose another with --listen, or '[::]:54321' for all.`;
  }
  return `Cannot listen at ${place}: ${message}`;
}

/** Makes room for a connection if the limit is reached; returns false if the connection was closed instead. */
function makeRoom(
  newcomer: Socket,
  open: Set<Socket>,
  pending: ReadonlySet<Socket>,
  { maxConnections = 512, log }: PortOptions,
): boolean {
  if (open.size < maxConnections) return true;
  const waiting = [...open].filter((each) => pending.has(each));
  const socket = evictFor(newcomer, waiting) ?? newcomer;
  log.debug({ address: peerAddress(socket) }, 'closed a connection: too many');
  open.delete(socket);
  socket.destroy();
  return socket !== newcomer;
}

function detect(
  socket: Socket,
  pending: Set<Socket>,
  { log, clock, detectTimeout = Milliseconds(10_000) }: PortOptions,
  then: (protocol: Protocol) => void,
): void {
  let seen: Buffer = Buffer.alloc(0);
  pending.add(socket);
  const ignore = (): void => undefined;
  const done = (): void => {
    cancel();
    pending.delete(socket);
    socket.off('data', look).off('close', done);
  };
  const look = (chunk: Buffer): void => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const protocol = detectProtocol(seen);
    if (protocol === undefined) return;
    done();
    socket.pause();
    socket.unshift(seen);
    then(protocol);
    socket.off('error', ignore);
  };
  const cancel = clock.after(detectTimeout, () => {
    log.debug(
      { address: peerAddress(socket) },
      'closed a connection: its protocol was not detected in time',
    );
    socket.destroy();
  });
  // after an error, 'close' follows
  socket.on('error', ignore).on('close', done).on('data', look);
}

function servePlain(socket: Socket, protocol: Protocol, options: PortOptions): void {
  const { allowsPlain = isLoopback, log } = options;
  const address = peerAddress(socket);
  if (protocol === 'tls' || allowsPlain(address)) {
    serve(socket, protocol, options);
    return;
  }
  log.info({ protocol, address }, 'closed an unencrypted connection from another machine');
  socket.destroy();
}

function serve(socket: Socket, protocol: Protocol, { http, stomp, log, clock }: PortOptions): void {
  const accept =
    protocol === 'http' ? http
    : protocol === 'stomp' ? (stomp ?? refuseStomp(clock))
    : undefined;
  if (accept) {
    accept(socket);
    socket.resume();
    return;
  }
  log.info(
    { protocol, address: peerAddress(socket) },
    'closed a connection of a protocol not served here',
  );
  socket.destroy();
}

const refuseStomp =
  (clock: Clock): Accept =>
  (socket) => {
    endWith(socket, 'ERROR\nmessage:STOMP is not served here, use WebSocket\n\n\0', clock);
  };
