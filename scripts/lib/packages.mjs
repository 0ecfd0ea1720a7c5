import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { announce, capture } from './run.mjs';

/** Programs that tests run, and the Debian package that has each. */
const PACKAGES = {
  libvirtd: 'libvirt-daemon-system',
  virsh: 'libvirt-clients',
  'qemu-system-x86_64': 'qemu-system-x86',
  busybox: 'busybox-static',
  cpio: 'cpio',
  chromium: 'chromium',
  buildah: 'buildah',
  podman: 'podman',
  crun: 'crun',
  mmdebstrap: 'mmdebstrap',
  prometheus: 'prometheus',
  ansible: 'ansible',
  'ansible-lint': 'ansible-lint',
  iptables: 'iptables',
  ip: 'iproute2',
};

/** Installs packages by apt-get, and prints why if that fails. */
export async function installMissing(packages) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '--yes', '--no-install-recommends', ...packages];
  const { code, stderr } = await announce(`Installing ${packages.join(' ')}`, async () => {
    await capture('apt-get', ['update'], env);
    return capture('apt-get', install, env);
  });
  if (code !== 0) console.error(stderr.trimEnd());
}

/** The packages that have these programs. */
export const packagesOf = (programs) => programs.map((program) => PACKAGES[program]);

/** Those of the programs that are not installed. */
export const missing = (programs) => programs.filter((program) => !has(program));

/** Says what is missing, and how to install it. */
export const lacking = (programs) =>
  `${programs.join(', ')} missing; on Debian: apt-get install ${packagesOf(programs).join(' ')}`;

function has(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((each) => {
    try {
      accessSync(join(each, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
