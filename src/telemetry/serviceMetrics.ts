import { readdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Hypervisor } from '../host/hypervisor.ts';
import type { Mom } from '../policy/mom/mom.ts';
import { exposition, type Family, type Labelled, labelText } from './exposition.ts';

/** The sources of these metrics; a value that is absent has no series. */
export interface ServiceSources {
  readonly version: string;
  readonly hypervisor: Pick<Hypervisor, 'isConnected' | 'isReal'>;
  readonly mom: Pick<Mom, 'wasActive' | 'parameters'>;
  readonly droppedLines: number;
  /** Undefined without TLS. */
  readonly certificateExpiry: Date | undefined;
  readonly log: Logger;
}

/** Returns all series of vmemd and of its process. */
export async function serviceMetrics(sources: ServiceSources): Promise<string> {
  const { version, mom, log } = sources;
  const parameters = Object.entries(mom.parameters).map(([name, isOn]) => ({
    labels: labelText({ name }),
    isOn,
  }));
  const own = { labels: '', openFiles: await openFiles(log), cpu: process.cpuUsage() };
  return (
    exposition([build], [{ labels: labelText({ version, nodejs: process.version }) }]) +
    exposition(families, [{ ...sources, ...own }]) +
    exposition([parameter], parameters)
  );
}

interface Facts extends ServiceSources, Labelled {
  readonly openFiles: number | undefined;
  readonly cpu: NodeJS.CpuUsage;
}

async function openFiles(log: Logger): Promise<number | undefined> {
  try {
    return (await readdir('/proc/self/fd')).length;
  } catch (err) {
    log.debug({ err }, 'the open files could not be counted');
    return undefined;
  }
}

const build: Family<Labelled> = {
  name: 'vmemd_build_info',
  type: 'gauge',
  help: 'Version of vmemd and of its Node.js; always 1.',
  value: () => 1,
};

const parameter: Family<Labelled & { readonly isOn: boolean }> = {
  name: 'vmemd_policy_parameter',
  type: 'gauge',
  help: "Value of each parameter of MoM's policy that a client has set: 1 for on, 0 for off.",
  value: ({ isOn }) => Number(isOn),
};

type Read = (facts: Facts) => number | undefined;

const gauge = (name: string, help: string, value: Read): Family<Facts> => ({
  name,
  type: 'gauge',
  help,
  value,
});

const families: readonly Family<Facts>[] = [
  gauge('libvirt_up', 'Whether vmemd is connected to the hypervisor.', ({ hypervisor }) =>
    Number(hypervisor.isConnected),
  ),
  gauge(
    'vmemd_simulated',
    "Whether the hypervisor's VMs are not real: 1 on the simulated host and on libvirt's test driver.",
    ({ hypervisor }) => Number(!hypervisor.isReal),
  ),
  gauge(
    'vmemd_tls_certificate_expiry_timestamp_seconds',
    'When the certificate shown to clients expires; absent without TLS.',
    ({ certificateExpiry }) => certificateExpiry && certificateExpiry.getTime() / 1000,
  ),
  gauge(
    'vmemd_mom_active',
    'Whether MoM answered the last request; absent if none is configured.',
    ({ mom }) => (mom.wasActive === undefined ? undefined : Number(mom.wasActive)),
  ),
  {
    name: 'vmemd_log_lines_dropped_total',
    type: 'counter',
    help: 'Lines of the log that could not be written, because of an error or a reader that does not read.',
    value: ({ droppedLines }) => droppedLines,
  },
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'CPU time of vmemd, user and system.',
    value: ({ cpu }) => (cpu.user + cpu.system) / 1e6,
  },
  gauge('process_resident_memory_bytes', 'Resident memory of vmemd.', () =>
    process.memoryUsage.rss(),
  ),
  gauge('process_start_time_seconds', 'Start time of vmemd.', () => performance.timeOrigin / 1000),
  gauge('process_open_fds', 'Open files and sockets of vmemd.', ({ openFiles }) => openFiles),
];
