import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type * as Libvirt from '../src/libvirt/index.ts';
import { build, root } from './build.ts';

const run = promisify(execFile);
const script = join(root, 'lab/libvirtd.sh');

/**
 * Runs a separate libvirtd and provides a folder during `work`. Throws if there is no libvirtd, or no root to start it.
 */
export async function withLibvirtd<T>(
  work: (socket: string, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'vmemd-bench-'));
  try {
    const { stdout } = await run(script, ['start', folder]);
    return await work(stdout.trim(), folder);
  } finally {
    await run(script, ['stop', folder]).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the built libvirt client; running its TypeScript sources adds a tenth to each call. */
export async function builtClient(): Promise<typeof Libvirt> {
  await build();
  return import(join(root, 'dist/libvirt/index.js')) as Promise<typeof Libvirt>;
}
