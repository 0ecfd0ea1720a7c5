import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../common/messageOf.ts';
import { tlsFiles } from '../connect/tlsFiles.ts';
import { checkCertificates } from './certificates.ts';
import { type Check, fail, info, ok, warn } from './check.ts';
import { checkKernel } from './kernel.ts';
import { checkLibvirt, checkOwner, checkUnixSocket, libvirtSocket } from './sockets.ts';

export interface MachineOptions {
  /** What contains etc/, proc/, run/ and sys/. */
  readonly root: string;
  /** Whether the daemon has its hypervisor: then there is nothing to say of libvirt's socket. */
  readonly hasHypervisor: boolean;
}

/** Checks this machine without its vmemd, which may be down. */
export async function checkMachine({ root, hasHypervisor }: MachineOptions): Promise<Check[]> {
  const { checks, config } = await configuration(root);
  const { unix_socket: given = 'auto' } = config?.rpc ?? {};
  const socket = given === 'auto' ? join(root, 'run/vmemd/vmemd.sock') : given;
  return [
    ...checks,
    ...(await checkHypervisor(config?.libvirt.uri ?? '', { root, hasHypervisor })),
    await checkUnixSocket(socket === 'none' ? undefined : socket),
    ...checkCertificates(tlsFiles(config?.vars.pki_path ?? join(root, 'etc/pki/vdsm')), Date.now()),
    ...checkKernel(root),
    ...(await checkClock()),
  ];
}

async function checkHypervisor(
  uri: string,
  { root, hasHypervisor }: MachineOptions,
): Promise<Check[]> {
  if (uri === 'simulated') return [info('libvirt', 'the configuration names the simulated host')];
  const path = libvirtSocket(uri, root);
  const owner = checkOwner(path, root);
  return hasHypervisor ? owner : [await checkLibvirt(path), ...owner];
}

/** Reads the configuration as the daemon does; the daemon's own user may read more. */
async function configuration(root: string) {
  const name = 'configuration';
  if (!existsSync(join(root, 'etc/vmemd'))) {
    return { checks: [info(name, 'there is none: vmemd uses its defaults')], config: undefined };
  }
  const { loadConfig } = await import('../../config/config.ts');
  try {
    const config = loadConfig({ root, insecureListen: true });
    return { checks: [ok(name, `${join(root, 'etc/vmemd')} has no mistakes`)], config };
  } catch (error) {
    const text = messageOf(error).replaceAll('\n', '; ');
    return { checks: [fail(name, text)], config: undefined };
  }
}

const PATIENCE_MS = 3000;

/** Asks systemd whether the clock is synchronised; says nothing where there is none. */
const checkClock = (): Promise<Check[]> =>
  new Promise((resolve) => {
    const args = ['show', '-p', 'NTPSynchronized', '--value'];
    execFile('timedatectl', args, { timeout: PATIENCE_MS }, (error, stdout) => {
      const answer = stdout.trim();
      if (error !== null || answer === '') resolve([]);
      else if (answer === 'yes') resolve([ok('clock', 'synchronised')]);
      else {
        const why = 'ages of reports and dates of certificates depend on it';
        resolve([warn('clock', `not synchronised: start chrony or systemd-timesyncd, as ${why}`)]);
      }
    });
  });
