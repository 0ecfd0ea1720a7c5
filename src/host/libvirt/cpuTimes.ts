import {
  type Client,
  type Domain,
  errorCode,
  LibvirtError,
  type ParameterValue,
} from '../../libvirt/index.ts';
import type { BalloonSample, CallOptions } from '../hypervisor.ts';

type Values = ReadonlyMap<string, ParameterValue>;
export type CpuTimes = Pick<BalloonSample, 'cpuTimeNs' | 'cpuAccountedNs'>;

/** Clients of hosts without CPU accounting, which are not asked for it again. */
const withoutAccounting = new WeakSet<Client>();

/**
 * Returns a domain's CPU times by the host's accounting (cgroups), or else by `processTime`, without a call to the guest's
 * monitor.
 */
export async function cpuTimes(
  client: Client,
  domain: Domain,
  processTime: bigint,
  options: CallOptions,
): Promise<CpuTimes> {
  try {
    if (!withoutAccounting.has(client)) {
      const times = await domain.getCpuStats(options);
      return timesIn(times, 'cpu_time', 'user_time', 'system_time') ?? { cpuTimeNs: processTime };
    }
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    if (!isUnsupported(error)) return { cpuTimeNs: processTime };
    withoutAccounting.add(client);
  }
  // As in the bulk statistics of such a host.
  return { cpuTimeNs: processTime, cpuAccountedNs: processTime };
}

/** Returns the CPU times in bulk statistics; undefined if these have none. */
export const cpuTimesOf = (values: Values): CpuTimes | undefined =>
  timesIn(values, 'cpu.time', 'cpu.user', 'cpu.system');

/** A domain that has stopped is refused with the same code as a host without the controller. */
const isUnsupported = ({ code, message }: LibvirtError): boolean =>
  code === errorCode.noSupport ||
  code === errorCode.operationUnsupported ||
  (code === errorCode.operationInvalid && /cgroup/i.test(message));

function timesIn(values: Values, ...fields: [string, string, string]): CpuTimes | undefined {
  const [total, user, system] = fields.map((field) => values.get(field));
  if (typeof total !== 'bigint' || typeof user !== 'bigint' || typeof system !== 'bigint')
    return undefined;
  return { cpuTimeNs: total, cpuAccountedNs: user + system };
}
