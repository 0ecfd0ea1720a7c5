import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, show } from './lib/run.mjs';

// Makes dist/, or the folder that is named: the types of the libraries, the page, the programs and libraries.
const [folder = join(root, 'dist')] = process.argv.slice(2);
/** What others have put into the folder: a build for one package does not remove another. */
const KEPT = ['packages', 'release'];
for (const name of existsSync(folder) ? readdirSync(folder) : []) {
  if (!KEPT.includes(name)) rmSync(join(folder, name), { recursive: true, force: true });
}
const steps = [
  ['tsc', '-p', 'tsconfig.client.json', '--outDir', join(folder, 'types')],
  ['vite', 'build', 'web', '--logLevel', 'warn', '--outDir', join(folder, 'web')],
  [process.execPath, join(root, 'scripts/bundle.mjs'), folder],
];
for (const [command, ...args] of steps) {
  const status = await show(command, args);
  if (status !== 0) process.exit(status);
}
