import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type * as Libvirt from '../src/libvirt/index.ts';
import { build, root } from './build.ts';
import { LibvirtdEndedError } from './guard.ts';

const run = promisify(execFile);
const script = join(root, 'lab/libvirtd.sh');
/** Of libvirtd's log that an error shows. */
const LOG_LINES = 20;

/**
 * Runs a separate libvirtd and provides a folder during `work`. Throws if there is no libvirtd, or no root to start it.
 * If `work` throws and libvirtd has ended, throws LibvirtdEndedError with the last lines of libvirtd's log.
 */
export async function withLibvirtd<T>(
  work: (socket: string, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'vmemd-bench-'));
  try {
    const { stdout } = await run(script, ['start', folder]);
    return await work(stdout.trim(), folder).catch(async (error: unknown) => {
      throw await explained(error, folder);
    });
  } finally {
    await run(script, ['stop', folder]).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the error, or LibvirtdEndedError if libvirtd has ended. */
async function explained(error: unknown, folder: string): Promise<unknown> {
  const pid = await readFile(join(folder, 'libvirtd.pid'), 'utf8').catch(() => '');
  if (pid !== '' && existsSync(join('/proc', pid.trim()))) return error;
  const log = await readFile(join(folder, 'log/libvirtd.log'), 'utf8').catch(() => '');
  const last = log.trimEnd().split('\n').slice(-LOG_LINES).join('\n');
  const message = `${(error as Error).message}\nlibvirtd has ended; the end of its log:\n${last}`;
  return new LibvirtdEndedError(message, { cause: error });
}

/** Returns the built libvirt client; running its TypeScript sources adds a tenth to each call. */
export async function builtClient(): Promise<typeof Libvirt> {
  await build();
  return import(join(root, 'dist/libvirt/index.js')) as Promise<typeof Libvirt>;
}
