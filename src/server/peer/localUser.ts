import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { LocalUser } from '../../access/rule.ts';
import { isLoopback, withoutMapping } from '../../common/loopback.ts';
import { type ReadFile, sharedRead } from './sharedRead.ts';
import { type Ends, ownerIn } from './socketOwner.ts';

/** A connection as its server sees it; what is not known is undefined. */
type Connection = Pick<Socket, 'localAddress' | 'localPort' | 'remoteAddress' | 'remotePort'>;

// the kernel lists all sockets each time
const read = sharedRead((path) => readFile(path, 'utf8'));

/**
 * Returns the local user whose process is at the other end of a loopback connection. Undefined for other connections,
 * for those that have ended, and where the kernel does not tell. Never rejects.
 */
export async function localUser(
  { localAddress, localPort, remoteAddress, remotePort }: Connection,
  readText = read,
): Promise<LocalUser | undefined> {
  if (localAddress === undefined || localPort === undefined) return undefined;
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  if (!isLoopback(remoteAddress)) return undefined;
  // the client's end, where its addresses have changed places
  const ends = {
    localAddress: remoteAddress,
    localPort: remotePort,
    remoteAddress: localAddress,
    remotePort: localPort,
  };
  const uid = await ownerOf(ends, readText);
  return uid === undefined ? undefined : account(uid, readText);
}

/** An IPv4 connection can be that of an IPv6 socket, whose table then has mapped addresses. */
async function ownerOf(ends: Ends, readText: ReadFile): Promise<number | undefined> {
  const [localAddress, remoteAddress] = [ends.localAddress, ends.remoteAddress].map(withoutMapping);
  const plain = { ...ends, localAddress: `${localAddress}`, remoteAddress: `${remoteAddress}` };
  const isV6 = plain.localAddress.includes(':');
  if (!isV6) {
    const owner = ownerIn(await readText('/proc/net/tcp').catch(() => ''), plain);
    if (owner !== undefined) return owner;
  }
  const mapped = (address: string): string => (isV6 ? address : `::ffff:${address}`);
  return ownerIn(await readText('/proc/net/tcp6').catch(() => ''), {
    ...plain,
    localAddress: mapped(plain.localAddress),
    remoteAddress: mapped(plain.remoteAddress),
  });
}

/** Returns the user with this id, by the files of users and groups. */
async function account(uid: number, readText: ReadFile): Promise<LocalUser> {
  const [users, groups] = await Promise.all(
    ['/etc/passwd', '/etc/group'].map(async (path) => rows(await readText(path).catch(() => ''))),
  );
  const [name, , , gid] = users?.find((row) => row[2] === String(uid)) ?? [];
  if (name === undefined) return { uid, name: `uid ${String(uid)}`, groups: [] };
  const own = (groups ?? []).filter(
    ([, , id, members = '']) => id === gid || members.split(',').includes(name),
  );
  const named = own.flatMap(([group = '', , id = '']) => [group, id]);
  return { uid, name, groups: [...new Set([...(gid === undefined ? [] : [gid]), ...named])] };
}

const rows = (text: string): readonly (readonly string[])[] =>
  text.split('\n').map((line) => line.split(':'));
