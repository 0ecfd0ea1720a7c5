import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { type Check, fail, info, ok, warn } from './check.ts';

const PATIENCE_MS = 2000;

/** Returns the code of the error with which a unix socket cannot be connected to; undefined if it can. */
const whyNot = (path: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect(path);
    const end = (code: string | undefined): void => {
      socket.destroy();
      resolve(code);
    };
    socket.setTimeout(PATIENCE_MS, () => {
      end('ETIMEDOUT');
    });
    socket.once('connect', () => {
      end(undefined);
    });
    socket.once('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => {
      end(code);
    });
  });

/** Returns the socket of a libvirt URI of this machine, below `root`. */
export function libvirtSocket(uri: string, root: string): string {
  const given = /[?&]socket=([^&]+)/.exec(uri)?.[1];
  if (given !== undefined) return decodeURIComponent(given);
  const folder = join(root, 'run/libvirt');
  const names = ['libvirt-sock', 'virtqemud-sock'].map((name) => join(folder, name));
  return names.find((path) => existsSync(path)) ?? join(folder, 'libvirt-sock');
}

/** Checks that a program answers on libvirt's socket. */
export async function checkLibvirt(path: string): Promise<Check> {
  const name = 'libvirt';
  switch (await whyNot(path)) {
    case undefined:
      return ok(name, `${path} accepts connections`);
    case 'EACCES':
    case 'EPERM':
      return info(name, `this user may not use ${path}; vmemd runs as another one`);
    case 'ENOENT':
      return fail(
        name,
        `${path} does not exist: systemctl start libvirtd.socket, or set [libvirt] uri`,
      );
    case 'ECONNREFUSED':
      return fail(name, `nobody listens on ${path}: systemctl start libvirtd`);
    case 'ETIMEDOUT':
      return fail(name, `${path} does not answer: look at systemctl status libvirtd`);
    default:
      return fail(name, `${path} cannot be used: look at systemctl status libvirtd`);
  }
}

/** Checks vmemd's own unix socket, and which users it admits. */
export async function checkUnixSocket(path: string | undefined): Promise<Check> {
  const name = 'unix socket';
  if (path === undefined) return info(name, 'turned off by [rpc] unix_socket');
  const code = await whyNot(path);
  if (code === 'ENOENT') return info(name, `${path} does not exist while vmemd does not serve it`);
  if (code === 'ECONNREFUSED')
    return warn(name, `${path} is left of a vmemd that has ended: start vmemd`);
  const { mode, gid } = statSync(path);
  const group = groupName(gid);
  const who = `mode ${(mode & 0o777).toString(8)}, group ${group}`;
  if (code === undefined) return ok(name, `${path}, ${who}`);
  return warn(
    name,
    `this user may not use ${path} (${who}): usermod -aG ${group} $USER, and log in again`,
  );
}

function groupName(gid: number): string {
  try {
    const lines = readFileSync('/etc/group', 'utf8').split('\n');
    const line = lines.find((each) => each.split(':')[2] === String(gid));
    return line?.split(':')[0] ?? String(gid);
  } catch {
    return String(gid);
  }
}

/** Says which vmemd owns the libvirt of a socket, by the lock beside it. */
export function checkOwner(libvirtSocketPath: string, root: string): Check[] {
  const folder = dirname(libvirtSocketPath);
  const name = 'owner';
  let locks: string[];
  try {
    locks = readdirSync(folder).filter((each) => /^vmemd-.*\.lock$/.test(each));
  } catch {
    return [];
  }
  const held = new Set(heldInodes(root));
  return locks.map((lock) => {
    const path = join(folder, lock);
    if (!held.has(statSync(path).ino)) return info(name, `no vmemd owns this libvirt (${path})`);
    return ok(name, `${ownerIn(path)} (${path})`);
  });
}

function ownerIn(path: string): string {
  try {
    const owner = readFileSync(path, 'utf8').trim();
    return owner === '' ? 'a vmemd that is starting' : owner;
  } catch {
    return 'a vmemd of another user';
  }
}

/** Returns the inodes of files that a process has locked as a whole. */
function heldInodes(root: string): number[] {
  try {
    const locks = readFileSync(join(root, 'proc/locks'), 'utf8');
    return [...locks.matchAll(/ FLOCK .* \w+:\w+:(\d+) /g)].map(([, inode]) => Number(inode));
  } catch {
    return [];
  }
}
