import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { messageOf } from '../../common/messageOf.ts';

/** A socket in the file system, by whose permissions users may connect. */
export interface UnixSocket {
  readonly path: string;
  /** A group's name or id; empty for that of the process. */
  readonly group: string;
  /** Whether the port is opened without it if it cannot be made. */
  readonly isOptional: boolean;
}

/** Owner and group may connect. */
const MODE = 0o660;
/** No user but the owner may, until the group is set. */
const UMASK = 0o177;
const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/**
 * Listens on a unix socket, in a folder that is made if it is missing. A socket without a listener is
 * replaced. The socket is removed when the server closes. Rejects with a sentence that says what to do.
 */
export async function openUnixSocket(
  { path, group }: Omit<UnixSocket, 'isOptional'>,
  accept: (socket: Socket) => void,
): Promise<Server> {
  try {
    const gid = group === '' ? undefined : groupId(group);
    checkFolder(dirname(path));
    await removeStale(path);
    const server = await listen(path, accept);
    try {
      if (gid !== undefined) chownSync(path, -1, gid);
      chmodSync(path, MODE);
    } catch (error) {
      server.close();
      throw error;
    }
    return server;
  } catch (cause) {
    const advice = 'choose another by [rpc] unix_socket, or none';
    throw new Error(`cannot listen on the unix socket ${path}: ${messageOf(cause)}; ${advice}`, {
      cause,
    });
  }
}

/** Makes the folder unless it exists. Users who can write to it could put a socket of their own there. */
function checkFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o755 });
  const { uid, mode } = statSync(path);
  const isOwn = uid === 0 || uid === process.getuid?.();
  const isShared = (mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0;
  if (!isOwn || isShared) throw new Error(`other users can write to ${path}`);
}

/** Removes a socket without a listener; throws if it has one, or if the path is another kind of file. */
async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket()) throw new Error('there is a file that is no socket');
  if (await isServed(path)) throw new Error('another process listens there, perhaps a vmemd');
  unlinkSync(path);
}

const isServed = (path: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      // a full queue of connections
      else if (error.code === 'EAGAIN') resolve(true);
      else reject(error);
    });
  });

function listen(path: string, accept: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({}, accept);
    server.once('error', reject);
    const former = process.umask(UMASK);
    try {
      // the socket is made before this returns
      server.listen(path, () => {
        resolve(server);
      });
    } finally {
      process.umask(former);
    }
  });
}

function groupId(group: string): number {
  const rows = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const id = /^\d+$/.test(group) ? group : rows.find(([name]) => name === group)?.[2];
  if (id === undefined) throw new Error(`there is no group ${group} ([rpc] unix_socket_group)`);
  return Number(id);
}
