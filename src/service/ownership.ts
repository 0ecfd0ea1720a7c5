import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { type Clock, pause } from '../common/clock.ts';
import { messageOf } from '../common/messageOf.ts';
import { Milliseconds } from '../common/units.ts';
import type { Daemon } from '../host/hypervisor.ts';

/** Another vmemd owns the libvirt, or that cannot be found out; the message says what to do. */
export class OwnershipError extends Error {
  override readonly name = 'OwnershipError';
}

export interface OwnershipOptions {
  readonly daemon: Daemon;
  /** The folder of the lock; empty for the default. */
  readonly folder: string;
  /** Says who owns it, for the next one who tries. */
  readonly owner: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
}

/** A killed owner's lock ends with its process, which may take a moment. */
const ATTEMPTS = 10;
const RETRY = Milliseconds(100);
/** flock's exit status if another process has the lock. */
const TAKEN = 1;
const MOST_READ = 1000;
const NOT_WRITABLE = new Set(['EACCES', 'ENOENT', 'EPERM', 'EROFS']);
const ADVICE = 'Stop that one, or start this one with --read-only.';

/**
 * Takes the lock by which one vmemd owns a libvirt; it ends with this process, however that ends. Returns a function
 * that releases it. Throws {@link OwnershipError}.
 */
export async function takeOwnership(options: OwnershipOptions): Promise<() => void> {
  const { path, file } = openLock(options);
  try {
    for (let attempt = 1; !isLocked(file, options); attempt++) {
      if (attempt >= ATTEMPTS) {
        throw new OwnershipError(
          `another vmemd owns this libvirt: ${ownerIn(file)} (lock ${path}). ${ADVICE}`,
        );
      }
      await pause(options.clock, RETRY);
    }
    sign(file, options);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  return () => {
    ftruncateSync(file);
    closeSync(file);
  };
}

/** Writes who owns the lock; on a full disk the lock holds without that. */
function sign(file: number, { owner, warn }: OwnershipOptions): void {
  try {
    ftruncateSync(file);
    writeSync(file, `${owner}\n`, 0);
  } catch (error) {
    warn(`the lock of this libvirt does not say who has it: ${messageOf(error)}`);
  }
}

interface Lock {
  readonly path: string;
  /** The descriptor that holds the lock. */
  readonly file: number;
}

function openLock({ daemon, folder, env, warn }: OwnershipOptions): Lock {
  if (folder !== '') return openIn(ownFolder(folder), `vmemd-${keyOf(daemon)}.lock`);
  try {
    return openIn(daemon.folder, `vmemd-${daemon.driver}.lock`);
  } catch (error) {
    if (!NOT_WRITABLE.has((error as { cause?: NodeJS.ErrnoException }).cause?.code ?? ''))
      throw error;
  }
  const base = env['XDG_RUNTIME_DIR'] ?? (env['HOME'] && join(env['HOME'], '.cache'));
  if (!base) {
    throw new OwnershipError(
      `there is no folder for the lock of this libvirt: ${daemon.folder} is not writable; set [libvirt] lock_path, or start with --read-only`,
    );
  }
  warn(`${daemon.folder} is not writable: a vmemd of another user on this libvirt is not noticed`);
  return openIn(ownFolder(join(base, 'vmemd')), `vmemd-${keyOf(daemon)}.lock`);
}

/** Names a daemon in a folder for locks of several: whatever path leads to its socket, the key is the same. */
function keyOf({ driver, folder }: Daemon): string {
  const place = createHash('sha256').update(realPath(folder)).digest('hex').slice(0, 12);
  return `${driver}-${place}`;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // The folder does not exist yet.
    return resolve(path);
  }
}

/** Makes the folder unless it exists; one that others can write would let them take the lock first. */
function ownFolder(path: string): string {
  const { uid, mode } = attempt(`cannot make the folder ${path}`, () => {
    mkdirSync(path, { recursive: true, mode: 0o755 });
    return statSync(path);
  });
  if (uid === process.getuid?.() && (mode & 0o022) === 0) return path;
  throw new OwnershipError(
    `${path} can be written by other users; choose another folder for [libvirt] lock_path`,
  );
}

/** Opens the lock file; it is never a link, nor another user's, who could hold it. */
function openIn(folder: string, name: string): Lock {
  const path = join(folder, name);
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
  const file = attempt(`cannot open the lock ${path}`, () => openSync(path, flags, 0o600));
  const stat = fstatSync(file);
  if (stat.isFile() && stat.uid === process.getuid?.()) return { path, file };
  closeSync(file);
  throw new OwnershipError(
    `the lock ${path} is not a file of this user; remove it, or choose another folder by [libvirt] lock_path`,
  );
}

/** Locks the open file by flock(1), as Node cannot; the lock stays with this process's descriptor. */
function isLocked(file: number, { env }: OwnershipOptions): boolean {
  const { error, status, stderr } = spawnSync('flock', ['-n', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', file],
    encoding: 'utf8',
    env: { PATH: env['PATH'] },
  });
  if (status === 0) return true;
  if (status === TAKEN) return false;
  const why = error ? messageOf(error) : stderr.trim();
  throw new OwnershipError(
    `the program flock, of util-linux, is needed to own a libvirt: ${why}; install it, or start with --read-only`,
  );
}

function ownerIn(file: number): string {
  const bytes = Buffer.alloc(MOST_READ);
  const text = bytes.toString('utf8', 0, readSync(file, bytes, 0, MOST_READ, 0)).trim();
  return text === '' ? 'it is starting or ending' : text;
}

function attempt<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new OwnershipError(
      `${what}: ${messageOf(cause)}; make room or set [libvirt] lock_path, or start with --read-only`,
      { cause },
    );
  }
}
