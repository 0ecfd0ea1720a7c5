import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Clock } from '../../common/clock.ts';
import type { HostPort } from '../../common/endpoint.ts';
import { isLoopback, peerAddress } from '../../common/loopback.ts';
import { Milliseconds } from '../../common/units.ts';
import { endWith } from '../limits/lastWords.ts';
import { type Limits, peerOf, Places } from '../limits/places.ts';
import { isPrivileged } from '../peer/privileged.ts';
import type { Tls } from '../tls/tls.ts';
import { detectProtocol, type Protocol } from './protocolDetection.ts';

/** An address to listen on; `localhost` is both loopback addresses of the machine, port 0 any free port. */
export type Endpoint = HostPort;

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
  /** Returns the local user at the other end of a connection; undefined if unknown. Never rejects. */
  readonly userOf?: (socket: Socket) => Promise<string | undefined>;
  readonly log: Logger;
  readonly clock: Clock;
  /** Connections at a time. */
  readonly limits?: Partial<Limits>;
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
  const places = openPlaces(options);
  const pending = new Set<Socket>();
  const accept = acceptor(places, pending, options);
  const servers: Server[] = [];
  const close = (): void => {
    for (const server of servers) server.close();
    for (const socket of pending) socket.destroy();
    places.stop();
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

/** Returns the function that gives a new connection its place, detects its protocol and serves it. */
function acceptor(places: Places, pending: Set<Socket>, options: PortOptions): Accept {
  let naming = Promise.resolve();
  return (socket) => {
    const address = peerAddress(socket);
    const peer = peerOf(address);
    const isOwn = isLoopback(address);
    places.take(socket, isOwn ? 'arriving-local' : 'arriving', peer);
    const arrived = (): void => {
      places.take(socket, isOwn ? 'local' : 'remote', peer);
      // later and one by one, so that no connection waits while the kernel lists all sockets
      if (isOwn) naming = naming.then(() => nameUser(socket, places, options));
    };
    detect(socket, pending, options, (protocol) => {
      if (protocol !== 'tls' || !options.tls) {
        servePlain(socket, protocol, options, arrived);
        return;
      }
      options.tls.accept(socket, (encrypted) => {
        places.take(socket, 'remote', peer);
        detect(encrypted, pending, options, (inner) => {
          serve(encrypted, inner, options);
        });
      });
    });
  };
}

/** Counts a connection of this machine for its user. */
async function nameUser(socket: Socket, places: Places, { userOf }: PortOptions): Promise<void> {
  if (socket.destroyed) return;
  const user = await userOf?.(socket);
  if (user !== undefined) places.take(socket, isPrivileged(user) ? 'privileged' : 'local', user);
}

const openPlaces = ({ clock, log, limits = {} }: PortOptions): Places =>
  new Places({
    clock,
    limits,
    evicted: (socket, peerClass) => {
      const facts = { address: peerAddress(socket), class: peerClass };
      log.info(facts, 'closed a connection: too many, and none of this peer was silent for longer');
    },
  });

const endpointOf = (server: Server): Endpoint => {
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port };
};

async function listenAll({ host, port }: Endpoint, accept: Accept): Promise<Server[]> {
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
async function listenDual(port: number, accept: Accept): Promise<Server> {
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

/** Keepalive finds clients that are lost without a trace. */
const SOCKETS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 } as const;

function listen(endpoint: Endpoint, accept: Accept): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(SOCKETS, accept);
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

function servePlain(
  socket: Socket,
  protocol: Protocol,
  options: PortOptions,
  arrived: () => void,
): void {
  const { allowsPlain = isLoopback, log } = options;
  const address = peerAddress(socket);
  if (protocol === 'tls' || allowsPlain(address)) {
    arrived();
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
