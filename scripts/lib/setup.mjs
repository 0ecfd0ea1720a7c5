import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { announce, root, show } from './run.mjs';

/** When the newest of these files or folders was changed, in ms since 1970; 0 if there is none. */
function changed(...paths) {
  const times = paths.map((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
    // the folder's own time tells of files that are gone
    return Math.max(stat.mtimeMs, changed(...readdirSync(path).map((name) => join(path, name))));
  });
  return Math.max(0, ...times);
}

const at = (...names) => names.map((name) => join(root, name));

async function step(words, command, ...args) {
  const status = await announce(words, () => show(command, args));
  if (status === 0) return;
  console.error(`${words} failed: ${command} ${args.join(' ')} ended with status ${status}.`);
  process.exit(1);
}

/** Whether what package-lock.json names is installed. */
export const isInstalled = () =>
  changed(...at('node_modules/.package-lock.json')) >= changed(...at('package-lock.json'));

/** Installs what package-lock.json names, unless that is done. */
export async function install() {
  if (isInstalled()) return;
  await step(
    'Installing packages by npm ci, which takes about a minute',
    'npm',
    'ci',
    // programs of packages that are only installed need not run; those of this one, when it is packed, must
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--include=dev',
    '--loglevel=error',
  );
}

/** Compiles the program into dist/, unless that is done. */
export async function build() {
  const sources = at(
    'src',
    'schema',
    'web',
    'scripts/bundle.mjs',
    'scripts/dist.mjs',
    'scripts/lib/bundlePlugins.mjs',
    'tsconfig.json',
    'tsconfig.client.json',
    'package.json',
    'package-lock.json',
  );
  const [stamp] = at('dist/.built');
  if (changed(stamp) > changed(...sources)) return;
  await step('Building dist/', 'npm', 'run', '--silent', 'build');
  writeFileSync(stamp, '');
}
