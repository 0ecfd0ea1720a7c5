import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installMissing, lacking, missing, packagesOf } from './packages.mjs';
import { capture, root } from './run.mjs';

/** What the live tests run. */
const PROGRAMS = ['libvirtd', 'virsh', 'qemu-system-x86_64', 'busybox', 'cpio'];

const guest = join(root, '.cache', 'guest');
/** What libvirtd knows about QEMU. */
const capabilities = join(root, '.cache', 'libvirt', 'qemu', 'capabilities');
/** How many live tests run at a time, each with a libvirtd of its own. */
const WORKERS = 2;
/** Those of the libvirtds that were started. */
const folders = [];

/**
 * What has to be done before tests on real libvirt: packages to install, a guest to make, libvirtd to probe QEMU;
 * `lacks` says why there can be none.
 */
export function hostPlan() {
  if (process.platform !== 'linux') return { lacks: 'libvirt and QEMU need Linux' };
  if (process.getuid() !== 0) return { lacks: 'a libvirtd of the tests’ own needs root' };
  const absent = missing(PROGRAMS);
  if (absent.length > 0 && !existsSync('/etc/debian_version')) return { lacks: lacking(absent) };
  return {
    packages: packagesOf(absent),
    needsGuest: !existsSync(join(guest, 'stamp')),
    needsProbe: !existsSync(capabilities) || readdirSync(capabilities).length === 0,
  };
}

/** As `openHost`, for tests that start libvirtds by themselves: only the guest is made. */
export async function openGuest() {
  const { lacks, packages = [] } = hostPlan();
  if (lacks) return { lacks };
  if (packages.length > 0) await installMissing(packages);
  const absent = missing(PROGRAMS);
  if (absent.length > 0) return { lacks: lacking(absent) };
  const made = await capture('sh', ['lab/guest.sh', guest]);
  if (made.code !== 0) return { lacks: `no guest could be built: ${made.stderr.trim()}` };
  return { env: { VMEMD_TEST_GUEST: guest } };
}

/**
 * Starts libvirtds of the tests' own, with a guest to boot; returns the environment that names them. Installs what
 * is missing where it is root on Debian; `lacks` says why there is none.
 */
export async function openHost() {
  const { lacks, env } = await openGuest();
  return lacks ? { lacks } : startLibvirtds(env);
}

/** Ends those libvirtds and their guests. */
export async function closeHost() {
  for (const folder of folders.splice(0)) {
    await capture('sh', ['lab/libvirtd.sh', 'stop', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startLibvirtds(env) {
  const uris = [];
  // one after the other: the first finds out for all what QEMU can do
  for (let worker = 0; worker < WORKERS; worker += 1) {
    // sockets have short names only
    const folder = mkdtempSync('/tmp/vmemd-');
    folders.push(folder);
    const { code, stdout, stderr } = await capture('sh', ['lab/libvirtd.sh', 'start', folder]);
    if (code !== 0) {
      await closeHost();
      return { lacks: `no libvirtd could be started: ${stderr.trim()}` };
    }
    uris.push(`qemu:///system?socket=${stdout.trim()}`);
  }
  return { env: { ...env, VMEMD_TEST_LIBVIRT: uris.join(' ') } };
}
