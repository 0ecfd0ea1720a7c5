import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { announce, capture, root } from '../run.mjs';
import { inside } from '../debianSystem.mjs';

const at = (name) => join(root, 'scripts/lib/service', name);
/** Those of a machine of its own, but for users. */
const NAMESPACES = ['mount', 'net', 'uts', 'ipc', 'cgroup', 'pid'].map((name) => `--${name}`);

/**
 * Boots this clean Debian, which has the packages in /packages, with systemd, libvirt and vmemd, and looks at what systemd
 * does with the service. Throws if that is not as it should be.
 */
export async function tryService(suite, system) {
  cpSync(at('install.sh'), join(system, 'packages/install.sh'));
  cpSync(at('try.sh'), join(system, 'packages/service.sh'));
  const words = `Installing vmemd, libvirt and QEMU in a Debian ${suite}`;
  const status = await announce(words, () => inside(system, `sh /packages/install.sh ${suite}`));
  if (status !== 0) throw new Error(`vmemd cannot be installed beside libvirt on Debian ${suite}.`);
  const units = join(system, 'etc/systemd/system');
  cpSync(at('try.service'), join(units, 'try.service'));
  symlinkSync('../try.service', join(units, 'multi-user.target.wants/try.service'));
  const { code, stdout, stderr } = await announce(`Booting it`, () =>
    capture('unshare', [
      ...NAMESPACES,
      ...['--propagation', 'private', '--fork', '--kill-child'],
      ...['sh', at('boot.sh'), system],
    ]),
  );
  const log = join(system, 'packages/service.log');
  if (!existsSync(log)) {
    throw new Error(
      `NOT RUN: the service under systemd, as Debian ${suite} does not boot here: ${stdout}${stderr}`,
    );
  }
  process.stdout.write(readFileSync(log, 'utf8').replaceAll(/^(?=.)/gm, `${suite}: `));
  if (code !== 0) throw new Error(`The service does not pass on Debian ${suite}.`);
}
