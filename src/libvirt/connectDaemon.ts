import { statSync } from 'node:fs';
import { createConnection } from 'node:net';
import type { Address } from './address.ts';
import type { Caller, CallOptions } from './caller.ts';
import { Channel, type ChannelOptions, type Wire } from './channel.ts';
import { connectFlag } from './constants.ts';
import { errorCode, errorDomain } from './errorNumbers.ts';
import { LibvirtError, UnreachableError } from './error.ts';
import { procedures } from './procedures.ts';

/** The virDrvFeature of daemons that answer keepalive messages; after this query they also send them. */
const KEEPALIVE_FEATURE = 10;
/** The time limit in ms of calls before keepalive messages show that the daemon lives; as long as these take for that. */
const FIRST_CALLS = 15_000;
/** remote_auth_type. */
const authentication = { none: 0, polkit: 2 } as const;

/** All reads share one buffer: allocating one per read costs more than decoding its content. */
const READ_BYTES = 64 * 1024;

const absent = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR']);
const forbidden = new Set(['EACCES', 'EPERM']);

function openSocket(path: string): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const onread = {
      buffer: Buffer.allocUnsafe(READ_BYTES),
      callback: (size: number, buffer: Uint8Array) => {
        wire.receive(Buffer.from(buffer.buffer, buffer.byteOffset, size));
        return true;
      },
    };
    const socket = createConnection({ path, onread });
    const wire: Wire = { socket, receive: () => undefined };
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(wire);
    });
  });
}

async function firstSocket({ sockets, name }: Address): Promise<Wire> {
  for (const path of sockets) {
    try {
      return await openSocket(path);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (absent.has(code ?? '')) continue;
      const reason = forbidden.has(code ?? '') ? permissionAdvice(path) : message;
      throw new UnreachableError(`Cannot connect to libvirt: ${reason}.`, { cause: error });
    }
  }
  const file = sockets.find((path) => isOtherFile(path));
  if (file !== undefined)
    throw new UnreachableError(`${file} is not a socket; give the one of the libvirt daemon.`);
  const tried = sockets.length > 0 ? sockets.join(' or ') : 'no socket (set XDG_RUNTIME_DIR)';
  throw new UnreachableError(`No libvirt daemon for ${name} listens at ${tried}; start one.`);
}

const permissionAdvice = (path: string): string =>
  `the user ${String(process.geteuid?.())} of this process may not open ${path}; add the user to the group of that ` +
  `socket (unix_sock_group in the daemon's configuration), or run as root`;

function isOtherFile(path: string): boolean {
  const file = statSync(path, { throwIfNoEntry: false });
  return file !== undefined && !file.isSocket();
}

async function authenticate(caller: Caller, first: CallOptions): Promise<void> {
  const offered = await caller.call(procedures.authList, undefined, first);
  if (offered.length === 0 || offered.includes(authentication.none)) return;
  if (offered.includes(authentication.polkit)) {
    await caller.call(procedures.authPolkit, undefined);
    return;
  }
  throw new LibvirtError(
    `The daemon requires authentication of kind ${offered.join(', ')}; only none and polkit are supported.`,
    { code: errorCode.authFailed, domain: errorDomain.rpc },
  );
}

interface Introduction {
  readonly name: string;
  readonly flags: number;
  readonly first: CallOptions;
}

async function introduce(connection: Channel, { name, flags, first }: Introduction): Promise<void> {
  await authenticate(connection, first);
  const { connectSupportsFeature } = procedures;
  const keepsAlive = await connection.call(connectSupportsFeature, KEEPALIVE_FEATURE, first);
  if (keepsAlive === 1) connection.watch();
  await connection.call(procedures.connectOpen, { name, flags });
}

export interface DaemonOptions extends ChannelOptions {
  /** Whether libvirt refuses all changes on this connection. */
  readonly readOnly?: boolean | undefined;
}

/** Connects to the first daemon of `address` that listens, and opens its hypervisor; throws LibvirtError. */
export async function connectDaemon(
  address: Address,
  { readOnly = false, ...options }: DaemonOptions,
): Promise<Channel> {
  const connection = new Channel(await firstSocket(address), options);
  try {
    const first = { timeout: Math.min(options.timeout ?? FIRST_CALLS, FIRST_CALLS) };
    const flags = readOnly ? connectFlag.readOnly : 0;
    await introduce(connection, { name: address.name, flags, first });
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
