import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { announce, capture, root } from '../run.mjs';

/** Of what mmdebstrap printed when it failed. */
const LINES = 40;
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
const MIRROR = process.env.VMEMD_TEST_MIRROR ?? 'http://deb.debian.org/debian';

/** Packages of Debian: to run libvirt, by suite, and to build it. */
const LIBVIRT = ['libvirt-daemon-system', 'qemu-system-x86'];
const DAEMONS = ['libvirt-daemon-lock', 'libvirt-daemon-log', 'libvirt-daemon-plugin-lockd'];
const TOOLS =
  'dpkg-dev gcc libc6-dev meson ninja-build pkgconf patch python3 xsltproc libxml2-utils rpcsvc-proto';
const LIBRARIES =
  'libglib2.0-dev libgnutls28-dev libxml2-dev libtirpc-dev libnl-3-dev libnl-route-3-dev';

/** Debian 12 has all daemons in one package. */
const SUITES = {
  bookworm: { runs: LIBVIRT, builds: ['libyajl-dev'] },
  trixie: { runs: [...LIBVIRT, ...DAEMONS], builds: ['libjson-c-dev'] },
  // a mirror may lag behind by weeks, longer than its lists are valid
  testing: {
    runs: [...LIBVIRT, ...DAEMONS],
    builds: ['libjson-c-dev'],
    options: ['--aptopt=Acquire::Check-Valid-Until "false"'],
  },
};

/**
 * Returns the folder of a Debian of this suite with libvirt and QEMU, and with virtqemud if `modular`; it is made unless
 * it is there and not older than a week. Throws with what could not be made.
 */
export async function systemOf(suite, { modular }) {
  const folder = join(root, '.cache/systems', suite);
  if (isFresh(folder, modular)) return folder;
  const work = `${folder}.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(root, '.cache/systems'), { recursive: true });
  await announce(`Making a Debian ${suite} with libvirt and QEMU`, () =>
    bootstrap(suite, SUITES[suite].runs, work),
  );
  if (modular) {
    await announce(`Making virtqemud of Debian ${suite}’s source of libvirt`, () =>
      buildVirtqemud(suite, join(work, 'usr/sbin/virtqemud')),
    );
  }
  // without one libvirt would give the host another id at each start
  copyFileSync('/etc/machine-id', join(work, 'etc/machine-id'));
  writeFileSync(join(work, 'made'), '');
  rmSync(folder, { recursive: true, force: true });
  renameSync(work, folder);
  return folder;
}

function isFresh(folder, modular) {
  if (modular && !existsSync(join(folder, 'usr/sbin/virtqemud'))) return false;
  const made = statSync(join(folder, 'made'), { throwIfNoEntry: false });
  return made !== undefined && Date.now() - made.mtimeMs < WEEK_MS;
}

/** Debian has packages of libvirtd only; virtqemud uses their library and driver. */
async function buildVirtqemud(suite, target) {
  const script = join(root, 'scripts/lib/versions/virtqemud.sh');
  await bootstrap(
    suite,
    [...TOOLS.split(' '), ...LIBRARIES.split(' '), ...SUITES[suite].builds],
    '/dev/null',
    [
      '--format=null',
      `--customize-hook=upload ${script} /virtqemud.sh`,
      '--customize-hook=chroot "$1" sh /virtqemud.sh',
      `--customize-hook=download /virtqemud ${target}`,
    ],
  );
  // a download does not keep the mode
  chmodSync(target, 0o755);
}

async function bootstrap(suite, packages, target, options = []) {
  const lines = ['deb', 'deb-src'].map((kind) => `${kind} ${MIRROR} ${suite} main`);
  const choice = ['--variant=minbase', `--include=${packages.join(',')}`];
  const args = [...choice, ...(SUITES[suite].options ?? []), ...options, suite, target, ...lines];
  const { code, stderr } = await capture('mmdebstrap', args);
  if (code === 0) return;
  const end = stderr.trimEnd().split('\n').slice(-LINES).join('\n');
  throw new Error(`Debian ${suite} could not be made:\n${end}`);
}
