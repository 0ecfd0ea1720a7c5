import type { HostMemory, HostNode } from '../hypervisor.ts';
import { floorMiB } from '../../common/units.ts';
import type { NumaNode, Procfs } from './procfs.ts';
import { system } from './system.ts';

// VDSM's values that the engine expects: static/etc/vdsm, common/config.py.in, dsaversion.py.in.
const RESERVED_MIB = 321;
const GUEST_OVERHEAD_MIB = 65;
/** The VDSM version of this API; the engine fails on a host without one. */
const VDSM = { version: '4.50.7', release: '1' };
const SOFTWARE = {
  version_name: 'Snow Man',
  software_version: VDSM.version,
  software_revision: VDSM.release,
  packages2: { vdsm: VDSM },
};
/** VDSM's fields for features that vmemd does not have. */
const NONE = {
  HBAInventory: { FC: [], iSCSI: [] },
  additionalFeatures: [],
  hooks: {},
  supported_block_size: {},
  netConfigDirty: 'False',
} as const;
const SUPPORTED_ENGINES = ['4.2', '4.3', '4.4', '4.5'];
const LEVELS = ['4.2', '4.3', '4.4', '4.5', '4.6'];

/** Returns the host's capabilities in VDSM's shape (host/caps.py); unknown values are absent. */
export async function capabilities(node: HostNode, memory: HostMemory, proc: Procfs) {
  const [numa, hugepages, flags, online, balancing, runs] = await Promise.all([
    proc.numaNodes(),
    proc.hugepages(),
    proc.cpuFlags(),
    proc.onlineCpus(),
    proc.autoNumaBalancing(),
    system(node, proc),
  ]);
  return {
    memSize: String(floorMiB(memory.total)),
    reservedMem: String(RESERVED_MIB),
    guestOverhead: String(GUEST_OVERHEAD_MIB),
    ...numaTopology(numa),
    ...(balancing === undefined ? {} : { autoNumaBalancing: balancing }),
    hugepages: hugepages.map(({ size }) => size),
    vmTypes: ['kvm'],
    kvmEnabled: /<domain type=['"]kvm['"]/.test(node.capabilitiesXml) ? 'true' : 'false',
    emulatedMachines: machines(node),
    cpuModel: node.cpuModel,
    cpuSpeed: String(node.cpuMhz),
    cpuSockets: String(node.sockets),
    cpuCores: String(node.sockets * node.cores),
    cpuThreads: String(node.cpus),
    cpuFlags: [...flags, ...models(node)].join(','),
    onlineCpus: online.join(','),
    cpuTopology: topology(node),
    clusterLevels: levels(node),
    supportedENGINEs: SUPPORTED_ENGINES,
    ...SOFTWARE,
    rngSources: ['random'],
    ...runs,
    ...NONE,
  } as const;
}

const numaTopology = (nodes: readonly NumaNode[]) => ({
  numaNodes: Object.fromEntries(
    nodes.flatMap(({ index, cpus, total }) =>
      total === undefined ?
        []
      : [[String(index), { cpus, totalMemory: String(floorMiB(total)) }] as const],
    ),
  ),
  numaNodeDistance: Object.fromEntries(
    nodes.map(({ index, distances }) => [String(index), distances]),
  ),
});

/** Cluster levels from 4.7 on need a newer libvirt and QEMU (host/caps.py). */
function levels({ libvirtVersion, hypervisorVersion }: HostNode): string[] {
  const newer = libvirtVersion >= 8_000_000 ? ['4.7'] : [];
  const newest = libvirtVersion >= 10_010_000 && hypervisorVersion >= 9_001_000 ? ['4.8'] : [];
  return [...LEVELS, ...newer, ...newest];
}

/** Machine types for the host's architecture. */
function machines({ capabilitiesXml, arch }: HostNode): string[] {
  const guest = new RegExp(`<arch name=['"]${arch}['"]>(.*?)</arch>`, 's').exec(
    capabilitiesXml,
  )?.[1];
  const names = [...(guest ?? '').matchAll(/<machine[^>]*>([^<]+)<\/machine>/g)];
  return [...new Set(names.map(([, name = '']) => name))].sort();
}

/** The CPU models as the engine looks for them among the flags: model_<name>. */
const models = ({ cpuModels }: HostNode): string[] => cpuModels.map((name) => `model_${name}`);

/** NUMA cell, socket, die and core of each online CPU, with the hypervisor's numbers. */
const topology = ({ capabilitiesXml }: HostNode) =>
  [...capabilitiesXml.matchAll(/<cell id=['"](\d+)['"]>(.*?)<\/cell>/gs)].flatMap(
    ([, cell = '', contents = '']) =>
      [...contents.matchAll(/<cpu (id=[^>]*core_id=[^>]*)>/g)].map(([, attributes = '']) => {
        const number = (name: string): number =>
          Number(new RegExp(`\\b${name}=['"](\\d+)`).exec(attributes)?.[1] ?? 0);
        return {
          cpu_id: number('id'),
          numa_cell_id: Number(cell),
          socket_id: number('socket_id'),
          die_id: number('die_id'),
          core_id: number('core_id'),
        };
      }),
  );
