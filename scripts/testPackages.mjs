import './lib/node.mjs';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inside, run, unpack } from './lib/debianSystem.mjs';
import { installMissing } from './lib/packages.mjs';
import { announce, root } from './lib/run.mjs';
import { tryService } from './lib/service/tryService.mjs';

const USAGE = `Usage: npm run test:packages [-- bookworm|trixie...]

Packs the npm package by its own scripts. Makes the Debian packages, lets lintian read them, and installs, uses, upgrades,
removes and purges them in a clean Debian 12 (bookworm) and 13 (trixie). Then boots each with libvirt and QEMU, in
namespaces with systemd as process 1, and looks at the service there: start, state, reload, watchdog, restarts, drop-ins,
stop. Needs root, Debian and the network; about ten minutes the first time. The clean systems are kept in .cache/debian for
a week.
`;

const SUITES = ['bookworm', 'trixie'];

const chosen = process.argv.slice(2);
const unknown = chosen.find((each) => !SUITES.includes(each));
if (unknown !== undefined) {
  process.stdout.write(USAGE);
  process.exit(unknown === '--help' ? 0 : 2);
}
if (process.getuid() !== 0 || !existsSync('/usr/bin/apt-get')) {
  console.error(
    'test:packages could not run: it needs root on Debian, to install in a clean system.',
  );
  process.exit(1);
}
const needed = ['mmdebstrap', 'lintian'].filter((name) => !existsSync(`/usr/bin/${name}`));
if (needed.length > 0) await installMissing(needed);

const work = mkdtempSync(join(tmpdir(), 'vmemd-test-packages-'));
try {
  await pack();
  await makeDebs();
  for (const suite of chosen.length === 0 ? SUITES : chosen) await tryIn(suite);
  console.log('The packages are in order.');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function pack() {
  await announce('Packing the npm package', () =>
    run('npm', ['pack', '--silent', '--pack-destination', work]),
  );
  const tarball = readdirSync(work).find((name) => name.endsWith('.tgz'));
  const files = (await run('tar', ['-tzf', join(work, tarball)])).split('\n');
  for (const file of ['dist/vmemd/main.cjs', 'dist/vmemctl/main.cjs', 'dist/web/index.html']) {
    if (!files.includes(`package/${file}`)) throw new Error(`${tarball} lacks ${file}`);
  }
  const size = Math.round(statSync(join(work, tarball)).size / 1024);
  console.log(`${tarball}: ${size} KiB, ${files.length - 1} files`);
}

async function makeDebs() {
  const make = (folder, ...more) => {
    const out = ['--dist', join(root, 'dist'), '--out', join(work, folder)];
    return run(process.execPath, ['scripts/packageDeb.mjs', ...out, ...more]);
  };
  await announce('Making the Debian packages, and letting lintian read them', async () => {
    await make('old', '--node', arch() === 'arm64' ? 'arm64' : 'amd64');
    await make('new', '--version', '999-1+upgraded');
    const debs = readdirSync(join(work, 'old')).map((name) => join(work, 'old', name));
    await run('lintian', ['--allow-root', '--fail-on', 'error,warning', ...debs], { quiet: true });
  });
}

async function tryIn(suite) {
  const system = await systemOf(suite);
  cpSync(join(root, 'scripts/lib/tryDebian.sh'), join(system, 'packages/try.sh'));
  const status = await inside(system, `sh /packages/try.sh ${suite}`);
  if (status !== 0) throw new Error(`The packages do not pass on Debian ${suite}.`);
  rmSync(system, { recursive: true });
  await tryService(suite, await systemOf(suite));
}

/** Returns the folder of a clean system with the packages in /packages. */
async function systemOf(suite) {
  const system = join(work, suite);
  rmSync(system, { recursive: true, force: true });
  await unpack(suite, system);
  for (const folder of ['old', 'new']) {
    cpSync(join(work, folder), join(system, 'packages', folder), { recursive: true });
  }
  return system;
}
