import type { Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import type { Grant } from '../../access/grant.ts';
import type { LocalUser } from '../../access/rule.ts';
import type { Clock } from '../../common/clock.ts';
import { isLoopback, peerAddress } from '../../common/loopback.ts';
import { messageOf } from '../../common/messageOf.ts';
import { Milliseconds } from '../../common/units.ts';
import { endWith } from '../limits/endWith.ts';
import { type Limits, peerOf, Places } from '../limits/places.ts';
import { away } from '../limits/turnedAway.ts';
import { isPrivileged } from '../peer/privileged.ts';
import type { Tls } from '../tls/tls.ts';
import { type Endpoint, endpointOf, listenAll } from './listen.ts';
import { detectProtocol, type Protocol } from './protocolDetection.ts';
import { openUnixSocket, type UnixSocket } from './unixSocket.ts';

/** Takes over a connection of which nothing has been read, and what it may do. */
export type Accept = (socket: Socket, grant: Grant) => void;

/** Decides what connections may do. */
export interface Admission {
  /** Whether the grant of a plain connection of this machine depends on its user. */
  readonly dependsOnUser: boolean;
  /** Returns the grant of a plain connection of this machine; the user is undefined if unknown. */
  readonly local: (user: LocalUser | undefined) => Grant;
  readonly certificate: (socket: TLSSocket) => Grant;
  readonly unixSocket: Grant;
  /** The grant of a plain connection of another machine, where these are allowed. */
  readonly plain: Grant;
}

export interface PortOptions {
  readonly endpoints: readonly Endpoint[];
  readonly http: Accept;
  readonly stomp?: Accept;
  /** Gets connections that begin with a TLS handshake; without it they are closed. */
  readonly tls?: Pick<Tls, 'accept'> | undefined;
  /** Returns whether a peer may connect without TLS; by default peers of this machine. */
  readonly allowsPlain?: (address: string) => boolean;
  readonly admission: Admission;
  /** Returns the local user at the other end of a connection; undefined if unknown. Never rejects. */
  readonly userOf?: (socket: Socket) => Promise<LocalUser | undefined>;
  /** A socket in the file system to listen on too. */
  readonly unixSocket?: UnixSocket | undefined;
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

/** Opens the port on all its addresses and the unix socket; rejects if it cannot listen on one of them. */
export async function openPort(options: PortOptions): Promise<Port> {
  const places = openPlaces(options);
  const pending = new Set<Socket>();
  const door: Door = { ...options, places, pending };
  const accept = acceptor(door);
  const servers: Server[] = [];
  let unix: Server | undefined;
  const close = (): void => {
    for (const server of servers) server.close();
    unix?.close();
    for (const socket of pending) socket.destroy();
    places.stop();
  };
  try {
    for (const endpoint of options.endpoints) {
      servers.push(...(await listenAll(endpoint, accept)));
    }
    unix = await openUnix(door);
  } catch (error) {
    close();
    throw error;
  }
  return { endpoints: servers.map(endpointOf), close };
}

/** An open port, as a connection meets it. */
interface Door extends PortOptions {
  readonly places: Places;
  /** Connections that no protocol has taken over yet. */
  readonly pending: Set<Socket>;
}

/** Returns the function that gives a new connection its place, detects its protocol and serves it. */
function acceptor(door: Door): (socket: Socket) => void {
  const { places, admission, tls } = door;
  return (socket) => {
    const address = peerAddress(socket);
    const peer = peerOf(address);
    const isOwn = isLoopback(address);
    places.take(socket, isOwn ? 'arriving-local' : 'arriving', peer);
    detect(socket, door, (protocol) => {
      if (protocol === 'tls' && tls) {
        tls.accept(socket, (encrypted) => {
          places.take(socket, 'remote', peer);
          const grant = admission.certificate(encrypted);
          detect(encrypted, door, (inner) => {
            serve(encrypted, inner, grant, door);
          });
        });
      } else if (isPlainAllowed(socket, protocol, door)) {
        places.take(socket, isOwn ? 'local' : 'remote', peer);
        if (!isOwn) {
          serve(socket, protocol, admission.plain, door);
          return;
        }
        serveLocal(socket, protocol, door).catch((err: unknown) => {
          door.log.error({ event: 'bug', err }, 'a connection could not be served');
          socket.destroy();
        });
      }
    });
  };
}

/** Returns the function for connections of the unix socket, whose permissions have decided who connects. */
const acceptUnix =
  (door: Door) =>
  (socket: Socket): void => {
    // such a socket has no addresses; the name stands in logs for one
    Object.defineProperty(socket, 'remoteAddress', { value: UNIX_SOCKET });
    door.places.take(socket, 'privileged', UNIX_SOCKET);
    detect(socket, door, (protocol) => {
      serve(socket, protocol, door.admission.unixSocket, door);
    });
  };

/** Serves a plain connection of this machine, once its user is known where the class depends on the user. */
async function serveLocal(socket: Socket, protocol: Protocol, door: Door): Promise<void> {
  const { admission, userOf, places } = door;
  const { dependsOnUser } = admission;
  const release = dependsOnUser ? hold(socket, door) : undefined;
  if (!dependsOnUser) serve(socket, protocol, admission.local(undefined), door);
  const user = await userOf?.(socket);
  if (user) places.take(socket, isPrivileged(user.uid) ? 'privileged' : 'local', user.name);
  release?.();
  if (release && !socket.destroyed) serve(socket, protocol, admission.local(user), door);
}

/** Keeps a paused connection until the function that it returns is called. */
function hold(socket: Socket, { pending }: Door): () => void {
  const ignore = (): void => undefined;
  socket.on('error', ignore);
  pending.add(socket);
  return () => {
    pending.delete(socket);
    // after an error, 'close' follows
    if (!socket.destroyed) socket.off('error', ignore);
  };
}

async function openUnix(door: Door): Promise<Server | undefined> {
  const { unixSocket, log } = door;
  if (!unixSocket) return undefined;
  try {
    const server = await openUnixSocket(unixSocket, acceptUnix(door));
    log.debug({ path: unixSocket.path }, 'listening on a unix socket');
    return server;
  } catch (error) {
    if (!unixSocket.isOptional) throw error;
    log.warn(messageOf(error));
    return undefined;
  }
}

const UNIX_SOCKET = 'unix socket';

const openPlaces = ({ clock, log, limits = {} }: PortOptions): Places =>
  new Places({
    clock,
    limits,
    evicted: (socket, peerClass) => {
      const facts = away('no_place', { address: peerAddress(socket), class: peerClass });
      log.info(facts, 'closed a connection: too many, and none of this peer was silent for longer');
    },
  });

function detect(
  socket: Socket,
  { pending, log, clock, detectTimeout = Milliseconds(10_000) }: Door,
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

/** Returns whether a connection without TLS may go on; closes it if not. */
function isPlainAllowed(socket: Socket, protocol: Protocol, options: PortOptions): boolean {
  const { allowsPlain = isLoopback, log } = options;
  const address = peerAddress(socket);
  if (protocol === 'tls' || allowsPlain(address)) return true;
  log.info(
    away('not_encrypted', { protocol, address }),
    'closed an unencrypted connection from another machine',
  );
  socket.destroy();
  return false;
}

function serve(
  socket: Socket,
  protocol: Protocol,
  grant: Grant,
  { http, stomp, log, clock }: PortOptions,
): void {
  const address = peerAddress(socket);
  const refusal = 'refusal' in grant ? grant.refusal : undefined;
  if (refusal !== undefined) {
    log.info(away('no_access', { protocol, address, reason: refusal }), 'refused a client');
  }
  const accepts: Partial<Record<Protocol, Accept>> = {
    http,
    stomp: refusal === undefined && stomp ? stomp : refuseStomp(refusal ?? NO_STOMP, clock),
  };
  const accept = accepts[protocol];
  if (accept) {
    accept(socket, grant);
    socket.resume();
    return;
  }
  log.info(
    away('protocol_not_served', { protocol, address }),
    'closed a connection of a protocol not served here',
  );
  socket.destroy();
}

const NO_STOMP = 'STOMP is not served here, use WebSocket';

const refuseStomp =
  (reason: string, clock: Clock): Accept =>
  (socket) => {
    // a header of STOMP 1.2 has no colon that is not escaped
    const message = reason.replaceAll(':', '\\c');
    endWith(socket, `ERROR\nmessage:${message}\n\n\0`, clock);
  };
