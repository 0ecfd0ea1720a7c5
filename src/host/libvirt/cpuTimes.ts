import { type Client, type Domain, errorCode, LibvirtError } from '../../libvirt/index.ts';
import type { BalloonSample, CallOptions } from '../hypervisor.ts';

export type CpuTimes = Pick<BalloonSample, 'cpuTimeNs' | 'cpuAccountedNs'>;

/** Clients of hosts without CPU accounting, which are not asked for it again. */
const withoutAccounting = new WeakSet<Client>();

/**
 * Returns a domain's CPU times by the host's accounting (cgroups), or nothing without it. The bulk statistics have the
 * same figures, but newer libvirt calls the guest's monitor for them.
 */
export async function cpuTimes(
  client: Client,
  domain: Domain,
  options: CallOptions,
): Promise<CpuTimes> {
  if (withoutAccounting.has(client)) return {};
  try {
    const times = await domain.getCpuStats(options);
    const [total, user, system] = [
      times.get('cpu_time'),
      times.get('user_time'),
      times.get('system_time'),
    ];
    if (typeof total !== 'bigint' || typeof user !== 'bigint' || typeof system !== 'bigint') {
      return {};
    }
    return { cpuTimeNs: total, cpuAccountedNs: user + system };
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    if (isUnsupported(error)) withoutAccounting.add(client);
    return {};
  }
}

/** A domain that has stopped is refused with the same code as a host without the controller. */
const isUnsupported = ({ code, message }: LibvirtError): boolean =>
  code === errorCode.noSupport ||
  code === errorCode.operationUnsupported ||
  (code === errorCode.operationInvalid && /cgroup/i.test(message));
