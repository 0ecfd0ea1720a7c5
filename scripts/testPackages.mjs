import './lib/node.mjs';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { installMissing } from './lib/packages.mjs';
import { announce, capture, root, show } from './lib/run.mjs';

const USAGE = `Usage: npm run test:packages [-- bookworm|trixie...]

Packs the npm package by its own scripts. Makes the Debian packages, lets lintian read them, and installs, uses, upgrades,
removes and purges them in a clean Debian 12 (bookworm) and 13 (trixie). Needs root, Debian and the network; about five
minutes the first time. The clean systems are kept in .cache/debian for a week.
`;

const SUITES = ['bookworm', 'trixie'];
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
const MIRROR = process.env.VMEMD_TEST_MIRROR ?? 'http://deb.debian.org/debian';

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

/** Runs a program; throws with what it printed if it fails, or if it prints something where nothing is expected. */
async function run(command, args, { quiet = false } = {}) {
  const { code, stdout, stderr } = await capture(command, args);
  if (code !== 0 || (quiet && stdout !== '')) {
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  }
  return stdout;
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
  const base = join(root, '.cache/debian', `${suite}.tar`);
  const age = Date.now() - (statSync(base, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  if (age > WEEK_MS) {
    mkdirSync(join(root, '.cache/debian'), { recursive: true });
    const args = ['--quiet', '--variant=minbase', '--include=systemd', suite, base, MIRROR];
    await announce(`Making a clean Debian ${suite}`, () => run('mmdebstrap', args));
  }
  const system = join(work, suite);
  mkdirSync(system);
  await run('tar', ['-xpf', base, '-C', system]);
  for (const folder of ['old', 'new']) {
    cpSync(join(work, folder), join(system, 'packages', folder), { recursive: true });
  }
  cpSync(join(root, 'scripts/lib/tryDebian.sh'), join(system, 'packages/try.sh'));
  cpSync('/etc/resolv.conf', join(system, 'etc/resolv.conf'));
  // mounts and processes end with the namespaces
  const inside = `mount -t proc proc ${system}/proc && mount --rbind /dev ${system}/dev && exec chroot ${system} sh /packages/try.sh ${suite}`;
  const status = await show('unshare', [
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    'sh',
    '-c',
    inside,
  ]);
  if (status !== 0) throw new Error(`The packages do not pass on Debian ${suite}.`);
  rmSync(system, { recursive: true });
}
