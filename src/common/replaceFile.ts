import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces a file atomically, readable by its owner alone; makes its folder. Throws the system's error. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const next = `${path}.new`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rm(next, { force: true });
  try {
    await writeFile(next, text, { flag: 'wx', mode: 0o600, flush: true });
    await rename(next, path);
  } catch (error) {
    // What a full disk took of the text is room that others lack.
    await rm(next, { force: true }).catch(() => undefined);
    throw error;
  }
}
