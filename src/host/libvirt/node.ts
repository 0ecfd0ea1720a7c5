import { errorCode, LibvirtError, type Client } from '../../libvirt/index.ts';
import { KiB } from '../../units.ts';
import type { Bound, HostMemory, HostNode } from '../hypervisor.ts';

const BYTES_PER_KIB = 1024;
const ARCHITECTURE = /<host>.*?<arch>([^<]+)<\/arch>/s;
const MODEL = /<host>.*?<cpu>(?:(?!<\/cpu>).)*<model>([^<]+)<\/model>/s;

/** What libvirt says of the machine; libvirt's model of its processor, or the architecture where it has none. */
export async function readNode({ control }: Client, bound: Bound): Promise<HostNode> {
  const [info, capabilitiesXml, hostname, libvirtVersion, hypervisorVersion] = await Promise.all([
    control.getNodeInfo(bound),
    control.getCapabilities(bound),
    control.getHostname(bound),
    control.getLibVersion(bound),
    control.getVersion(bound),
  ]);
  return {
    hostname,
    arch: ARCHITECTURE.exec(capabilitiesXml)?.[1] ?? info.model,
    cpuModel: MODEL.exec(capabilitiesXml)?.[1] ?? info.model,
    cpuMhz: info.mhz,
    cpus: info.cpus,
    sockets: info.sockets,
    cores: info.cores,
    threads: info.threads,
    libvirtVersion,
    hypervisorVersion,
    capabilitiesXml,
  };
}

/** The host's memory; a driver without such statistics gives total and free only. */
export async function readHostMemory({ control }: Client, bound: Bound): Promise<HostMemory> {
  try {
    const stats = await control.getNodeMemoryStats(bound);
    const buffers = stats.get('buffers');
    const cached = stats.get('cached');
    return {
      total: KiB(stats.get('total') ?? 0),
      free: KiB(stats.get('free') ?? 0),
      ...(buffers !== undefined && { buffers: KiB(buffers) }),
      ...(cached !== undefined && { cached: KiB(cached) }),
    };
  } catch (error) {
    if (!(error instanceof LibvirtError) || error.code !== errorCode.noSupport) throw error;
  }
  const [{ memory }, free] = await Promise.all([
    control.getNodeInfo(bound),
    control.getFreeMemory(bound),
  ]);
  return { total: KiB(memory), free: KiB(Math.floor(free / BYTES_PER_KIB)) };
}
