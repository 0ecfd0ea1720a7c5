import { cpSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { announce, capture, root, show } from './run.mjs';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
const MIRROR = process.env.VMEMD_TEST_MIRROR ?? 'http://deb.debian.org/debian';

/** Runs a program; throws with what it printed if it fails, or if it prints something where nothing is expected. */
export async function run(command, args, { quiet = false } = {}) {
  const { code, stdout, stderr } = await capture(command, args);
  if (code !== 0 || (quiet && stdout !== '')) {
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  }
  return stdout;
}

/** Unpacks a clean Debian of this suite into a new folder; it is made anew if the last one is older than a week. */
export async function unpack(suite, folder) {
  const base = join(root, '.cache/debian', `${suite}.tar`);
  const age = Date.now() - (statSync(base, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  if (age > WEEK_MS) {
    mkdirSync(join(root, '.cache/debian'), { recursive: true });
    const args = ['--quiet', '--variant=minbase', '--include=systemd', suite, base, MIRROR];
    await announce(`Making a clean Debian ${suite}`, () => run('mmdebstrap', args));
  }
  mkdirSync(folder);
  await run('tar', ['-xpf', base, '-C', folder]);
  cpSync('/etc/resolv.conf', join(folder, 'etc/resolv.conf'));
}

/** Runs a command in a system, whose mounts and processes end with it; returns its exit status. */
export function inside(system, command) {
  const mounts = `mount -t proc proc ${system}/proc && mount --rbind /dev ${system}/dev`;
  const words = `${mounts} && exec chroot ${system} ${command}`;
  return show('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', words]);
}
