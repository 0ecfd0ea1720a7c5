import { readdir } from 'node:fs/promises';
import type { HostMemory } from '../host/hypervisor.ts';
import type { MomParameters } from '../policy/momParameters.ts';
import { KiB, toBytes } from '../common/units.ts';
import { exposition, type Family, type Labelled, labelText } from './exposition.ts';

/** What there is to tell of vmemd and its host; what is not known is absent. */
export interface ServiceFacts {
  readonly version: string;
  /** Whether the hypervisor is within reach. */
  readonly isConnected: boolean;
  readonly hostMemory?: HostMemory | undefined;
  readonly certificateExpiry?: Date | undefined;
  /** Whether MoM answered when it was last asked; absent where none is configured. */
  readonly isMomActive?: boolean | undefined;
  /** What clients have set of MoM's policy. */
  readonly policyParameters?: MomParameters;
}

/** All series of vmemd, of its process and of its host. */
export async function serviceMetrics(facts: ServiceFacts): Promise<string> {
  const { version, policyParameters = {} } = facts;
  const parameters = Object.entries(policyParameters).map(([name, isOn]) => ({
    labels: labelText({ name }),
    isOn,
  }));
  const own = { labels: '', openFiles: await openFiles(), cpu: process.cpuUsage() };
  return (
    exposition([build], [{ labels: labelText({ version, nodejs: process.version }) }]) +
    exposition(families, [{ ...facts, ...own }]) +
    exposition([parameter], parameters)
  );
}

interface Facts extends ServiceFacts, Labelled {
  readonly openFiles: number | undefined;
  readonly cpu: NodeJS.CpuUsage;
}

/** How many files the process has open, where the system tells. */
const openFiles = (): Promise<number | undefined> =>
  readdir('/proc/self/fd').then(
    ({ length }) => length,
    () => undefined,
  );

const build: Family<Labelled> = {
  name: 'vmemd_build_info',
  type: 'gauge',
  help: 'The version that runs, and that of its Node.js; always 1.',
  value: () => 1,
};

const parameter: Family<Labelled & { readonly isOn: boolean }> = {
  name: 'vmemd_policy_parameter',
  type: 'gauge',
  help: "Whether a parameter of MoM's policy is set on, for each that a client has set.",
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
  gauge('libvirt_up', 'Whether the hypervisor is within reach.', ({ isConnected }) =>
    Number(isConnected),
  ),
  gauge(
    'vmemd_host_memory_bytes',
    'Memory of the host.',
    ({ hostMemory }) => hostMemory && toBytes(hostMemory.total),
  ),
  gauge(
    'vmemd_host_memory_free_bytes',
    'Memory of the host that holds nothing.',
    ({ hostMemory }) => hostMemory && toBytes(hostMemory.free),
  ),
  gauge(
    'vmemd_host_memory_available_bytes',
    'Headroom of the host: memory that holds nothing, or buffers and caches.',
    ({ hostMemory }) => hostMemory && toBytes(available(hostMemory)),
  ),
  gauge(
    'vmemd_tls_certificate_expiry_timestamp_seconds',
    'When the certificate that is shown to clients ends; absent without TLS.',
    ({ certificateExpiry }) => certificateExpiry && certificateExpiry.getTime() / 1000,
  ),
  gauge(
    'vmemd_mom_active',
    'Whether MoM answered when it was last asked; absent where none is configured.',
    ({ isMomActive }) => (isMomActive === undefined ? undefined : Number(isMomActive)),
  ),
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'CPU time of vmemd, user and system.',
    value: ({ cpu }) => (cpu.user + cpu.system) / 1e6,
  },
  gauge('process_resident_memory_bytes', 'Resident memory of vmemd.', () =>
    process.memoryUsage.rss(),
  ),
  gauge(
    'process_start_time_seconds',
    'When vmemd was started.',
    () => performance.timeOrigin / 1000,
  ),
  gauge('process_open_fds', 'Files and sockets that vmemd has open.', ({ openFiles }) => openFiles),
];

const available = ({ free, buffers, cached }: HostMemory): KiB =>
  KiB(free + (buffers ?? 0) + (cached ?? 0));
