import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');

/** Builds the page that vmemd serves, unless it is newer than all that it is made of. */
export default async function buildPage(): Promise<void> {
  const sources = await Promise.all(['web', 'schema'].map((folder) => newest(join(root, folder))));
  const built = await changedAt(join(root, 'dist/web/index.html'));
  if (built > Math.max(...sources)) return;
  await promisify(execFile)('npx', ['vite', 'build', 'web', '--logLevel', 'warn'], { cwd: root });
}

async function newest(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  return Math.max(...(await Promise.all(entries.map((entry) => changedAt(join(folder, entry))))));
}

/** Returns when a file was changed, in ms since 1970; 0 if there is none. */
const changedAt = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
