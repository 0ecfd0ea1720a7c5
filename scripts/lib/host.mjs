import { accessSync, constants, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { capture, root } from './run.mjs';

/** What the live tests run, and the Debian package that has it. */
const PACKAGES = {
  libvirtd: 'libvirt-daemon-system',
  virsh: 'libvirt-clients',
  'qemu-system-x86_64': 'qemu-system-x86',
  busybox: 'busybox-static',
  cpio: 'cpio',
};

const nothing = (lacks) => ({ lacks, env: {}, release: async () => {} });

/**
 * A libvirtd and a guest of the tests' own: the environment that names them, and a way to end them. Installs what is
 * missing where it is root on Debian; `lacks` says why there is none.
 */
export async function availableHost() {
  if (process.platform !== 'linux') return nothing('libvirt and QEMU need Linux.');
  if (process.getuid() !== 0) return nothing('a libvirtd of the tests’ own needs root.');
  await installMissing();
  const absent = missing();
  if (absent.length > 0) {
    return nothing(
      `${absent.join(', ')} missing; on Debian: apt-get install ${packagesOf(absent).join(' ')}.`,
    );
  }
  const guest = join(root, '.cache', 'guest');
  const made = await capture('sh', ['lab/guest.sh', guest]);
  if (made.code !== 0) return nothing(`no guest could be built: ${made.stderr.trim()}`);
  return startLibvirtd(guest);
}

async function startLibvirtd(guest) {
  // sockets have short names only
  const folder = mkdtempSync('/tmp/vmemd-');
  const release = async () => {
    await capture('sh', ['lab/libvirtd.sh', 'stop', folder]);
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => void release().then(() => process.exit(1)));
  }
  const { code, stdout, stderr } = await capture('sh', ['lab/libvirtd.sh', 'start', folder]);
  if (code !== 0) {
    await release();
    return nothing(`no libvirtd could be started: ${stderr.trim()}`);
  }
  const uri = `qemu:///system?socket=${stdout.trim()}`;
  return { env: { VMEMD_TEST_LIBVIRT: uri, VMEMD_TEST_GUEST: guest }, release };
}

async function installMissing() {
  const absent = missing();
  if (absent.length === 0 || !existsSync('/etc/debian_version')) return;
  const packages = packagesOf(absent);
  console.error(`Installing ${packages.join(' ')} …`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await capture('apt-get', ['update'], env);
  const install = ['install', '--yes', '--no-install-recommends', ...packages];
  const { code, stderr } = await capture('apt-get', install, env);
  if (code !== 0) console.error(stderr.trimEnd());
}

const packagesOf = (programs) => programs.map((program) => PACKAGES[program]);
const missing = () => Object.keys(PACKAGES).filter((program) => !has(program));

function has(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
