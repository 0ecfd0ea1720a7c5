import type { HostNode } from '../hypervisor.ts';
import type { Procfs } from './procfs.ts';

/** Returns the host's operating system and boot facts in VDSM's shape; unknown values are absent. */
export async function system({ capabilitiesXml }: HostNode, proc: Procfs) {
  const [os, release, id, kernelArgs, boot, bootTime, fips, kdump, selinux] = await Promise.all([
    proc.osRelease(),
    proc.line('proc/sys/kernel/osrelease'),
    proc.line('etc/vdsm/vdsm.id'),
    proc.line('proc/cmdline'),
    proc.line('proc/sys/kernel/random/boot_id'),
    proc.bootTime(),
    proc.line('proc/sys/crypto/fips_enabled'),
    proc.number('sys/kernel/kexec_crash_loaded'),
    proc.line('sys/fs/selinux/enforce'),
  ]);
  const uuid = id ?? /<host>\s*<uuid>([^<]+)<\/uuid>/.exec(capabilitiesXml)?.[1];
  return {
    operatingSystem: {
      name: os.get('NAME') ?? 'Linux',
      version: os.get('VERSION_ID') ?? '',
      release: release ?? '',
    },
    // The file does not exist without SELinux.
    selinux: { mode: selinux ?? '-1' },
    fipsEnabled: fips === '1',
    ...(kdump === undefined ? {} : { kdumpStatus: kdump }),
    ...(uuid === undefined ? {} : { uuid }),
    ...(kernelArgs === undefined ? {} : { kernelArgs }),
    ...(boot === undefined ? {} : { boot_uuid: boot }),
    ...(bootTime === undefined ? {} : { bootTime }),
  };
}
