import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './build.ts';

const START_DEADLINE_MS = 30_000;
const UNIT = join(root, 'packaging/systemd/vmemd.service');

/** A running daemon. */
export interface Daemon {
  /** Its WebSocket address; all other protocols use the same port. */
  readonly url: string;
  readonly pid: number;
}

/**
 * Runs the built daemon during `work`, on a simulated host unless `more` arguments name another. Throws with the daemon's
 * output if it does not start.
 */
export async function withDaemon<T>(
  work: (daemon: Daemon) => Promise<T>,
  ...more: readonly string[]
): Promise<T> {
  const host = more.includes('--connect') ? [] : ['--connect', 'simulated'];
  const options = [...host, '--listen', '127.0.0.1:0', ...more];
  const env = { ...process.env, ...allocator() };
  const child = spawn(process.execPath, ['dist/vmemd/main.cjs', ...options], { cwd: root, env });
  const ended = once(child, 'exit');
  try {
    return await work({ url: await addressOf(child), pid: child.pid ?? NaN });
  } finally {
    child.kill();
    await ended;
  }
}

/** Returns the variables of malloc by which the daemon's unit starts it. */
function allocator(): Record<string, string> {
  const found = readFileSync(UNIT, 'utf8').matchAll(/\b(MALLOC_\w+)=(\S+)/g);
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, value]));
}

/** As {@link withDaemon}, with what `write` returns as its configuration, which may name files in a folder of its own. */
export async function withConfigured<T>(
  write: (folder: string) => string,
  work: (daemon: Daemon) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'vmemd-bench-'));
  try {
    const config = join(folder, 'vmemd.conf');
    await writeFile(config, write(folder));
    return await withDaemon(work, '--config', config);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Returns the address that the daemon prints; keeps reading its output, so that it never blocks on a full pipe. */
function addressOf(daemon: ChildProcess): Promise<string> {
  const printed: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (): void => {
      reject(new Error(`the daemon did not start:\n${printed.join('\n')}`));
    };
    const giveUp = setTimeout(fail, START_DEADLINE_MS);
    daemon.once('exit', fail);
    for (const stream of [daemon.stdout, daemon.stderr]) {
      if (!stream) continue;
      createInterface(stream).on('line', (line) => {
        const url = /ws:\/\/[^\s"',]+/.exec(line)?.[0];
        if (!url) {
          if (printed.length < 100) printed.push(line);
          return;
        }
        clearTimeout(giveUp);
        resolve(url);
      });
    }
  });
}
