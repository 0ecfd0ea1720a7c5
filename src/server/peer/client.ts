import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { AccessClass } from '../../access/accessClass.ts';
import { peerAddress } from '../../common/loopback.ts';
import { localUser } from './localUser.ts';
import type { UserOf } from './localUsers.ts';

type Transport = 'websocket' | 'stomp' | 'rest' | 'dashboard';

/** Who is at the other end of a connection. */
export interface Client {
  readonly transport: Transport;
  /** Without the prefix of IPv4 addresses on a dual-stack socket. */
  readonly address: string;
  /** What it may do. */
  readonly access: AccessClass;
  /** The common name in its certificate; undefined without TLS. */
  readonly certificate: string | undefined;
  /** Returns the local user's name; the kernel is asked once, on the first call. */
  readonly user: () => Promise<string | undefined>;
}

/** Returns the client of a connection, plain or TLS. */
export function clientOf(
  socket: Socket,
  transport: Transport,
  access: AccessClass,
  userOf: UserOf = localUser,
): Client {
  let user: Promise<string | undefined> | undefined;
  return {
    transport,
    address: peerAddress(socket),
    access,
    certificate: socket instanceof TLSSocket ? commonNameOf(socket) : undefined,
    user: () => (user ??= userOf(socket).then((known) => known?.name)),
  };
}

function commonNameOf(socket: TLSSocket): string | undefined {
  // an empty object if the client has shown no certificate
  const { subject } = socket.getPeerCertificate() as { readonly subject?: { CN?: unknown } };
  return typeof subject?.CN === 'string' ? subject.CN : undefined;
}
