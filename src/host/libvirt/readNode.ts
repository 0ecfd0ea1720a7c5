import { errorCode, LibvirtError, type Client, type NodeInfo } from '../../libvirt/index.ts';
import { KiB } from '../../common/units.ts';
import {
  HypervisorError,
  type CallOptions,
  type HostMemory,
  type HostNode,
} from '../hypervisor.ts';
import { createUsableModels } from './cpuModels.ts';

/** Eight times what Linux supports. */
const MOST_CPUS = 65_536;
const BYTES_PER_KIB = 1024;
const ARCHITECTURE = /<host>.*?<arch>([^<]+)<\/arch>/s;
const MODEL = /<host>.*?<cpu>(?:(?!<\/cpu>).)*<model>([^<]+)<\/model>/s;

/**
 * Returns a function that reads the machine's facts from libvirt; `cpuModel` is the architecture if libvirt knows no
 * model.
 */
export function createNodeReader(client: Client): (options: CallOptions) => Promise<HostNode> {
  const { control } = client;
  const usableModels = createUsableModels(client);
  return async (options) => {
    const [info, capabilitiesXml, hostname, libvirtVersion, hypervisorVersion, usable] =
      await Promise.all([
        control.nodeGetInfo(options),
        control.getCapabilities(options),
        control.getHostname(options),
        control.getLibVersion(options),
        control.getVersion(options),
        usableModels(options),
      ]);
    requirePlausible(info);
    const model = MODEL.exec(capabilitiesXml)?.[1];
    return {
      hostname,
      arch: ARCHITECTURE.exec(capabilitiesXml)?.[1] ?? info.model,
      cpuModel: model ?? info.model,
      cpuModels: [...new Set([...(model === undefined ? [] : [model]), ...usable])],
      cpuMhz: info.mhz,
      cpus: info.cpus,
      // libvirt counts the sockets of one NUMA node.
      sockets: info.nodes * info.sockets,
      cores: info.cores,
      threads: info.threads,
      libvirtVersion,
      hypervisorVersion,
      capabilitiesXml,
    };
  };
}

/** Throws for a number of CPUs that no machine has, as others take memory for each of them. */
function requirePlausible({ cpus }: NodeInfo): void {
  if (cpus > 0 && cpus <= MOST_CPUS) return;
  throw new HypervisorError(
    'failed',
    `libvirt reports a host with ${String(cpus)} CPUs; look at its log, and restart it.`,
  );
}

/** Reads the host's memory; a driver without memory statistics gives only total and free. */
export async function readHostMemory(
  { control }: Client,
  options: CallOptions,
): Promise<HostMemory> {
  try {
    return toHostMemory(await control.nodeGetMemoryStats(options));
  } catch (error) {
    if (!(error instanceof LibvirtError) || error.code !== errorCode.noSupport) throw error;
  }
  const [{ memory }, free] = await Promise.all([
    control.nodeGetInfo(options),
    control.nodeGetFreeMemory(options),
  ]);
  return { total: KiB(memory), free: KiB(Math.floor(free / BYTES_PER_KIB)) };
}

function toHostMemory(stats: ReadonlyMap<string, number>): HostMemory {
  const required = (name: string): KiB => {
    const size = stats.get(name);
    if (size !== undefined) return KiB(size);
    throw new HypervisorError('failed', `libvirt does not report the host's ${name} memory.`);
  };
  const buffers = stats.get('buffers');
  const cached = stats.get('cached');
  return {
    total: required('total'),
    free: required('free'),
    ...(buffers !== undefined && { buffers: KiB(buffers) }),
    ...(cached !== undefined && { cached: KiB(cached) }),
  };
}
