import { KiB } from '../../common/units.ts';
import { machineElements } from './machineTypes.ts';
import type { HostMemory, HostNode } from '../hypervisor.ts';
import { between, random, madeUpUuid } from './guest/random.ts';

const processors = [
  { model: 'EPYC-Rome', vendor: 'AMD', mhz: [2250, 3300] },
  { model: 'EPYC-Milan', vendor: 'AMD', mhz: [2450, 3500] },
  { model: 'Skylake-Server-IBRS', vendor: 'Intel', mhz: [2100, 3200] },
  { model: 'Icelake-Server', vendor: 'Intel', mhz: [2000, 3400] },
] as const;
const coreCounts = [8, 12, 16, 24] as const;
/** The version of the simulated libvirt by default. */
export const LIBVIRT = 9_000_000;
const QEMU = 7_002_022;
/** Share of the host's own kernel and services, and of caches in the memory that guests leave free. */
const OWN_SHARE = 0.03;
const CACHED_SHARE = 0.08;
const BUFFERS_SHARE = 0.005;

/** Returns a realistic two-socket machine that depends on the seed. */
export function nodeOf(seed: number, memory: KiB): HostNode {
  const processor = processors[index(seed, 'processor', processors.length)] ?? processors[0];
  const cores = coreCounts[index(seed, 'cores', coreCounts.length)] ?? coreCounts[0];
  const shape = { sockets: 2, cores, threads: 2 };
  const [slow, fast] = processor.mhz;
  const cpus = shape.sockets * shape.cores * shape.threads;
  return {
    hostname: `simulated-${index(seed, 'hostname', 0x10000).toString(16).padStart(4, '0')}`,
    arch: 'x86_64',
    cpuModel: processor.model,
    cpuModels: [processor.model],
    cpuMhz: Math.round(between(slow, fast, seed, 'frequency')),
    cpus,
    ...shape,
    libvirtVersion: LIBVIRT,
    hypervisorVersion: QEMU,
    capabilitiesXml: capabilities({
      ...processor,
      ...shape,
      cpus,
      memory,
      uuid: madeUpUuid(seed, 'host'),
    }),
  };
}

const index = (seed: number, subject: string, count: number): number =>
  Math.floor(random(seed, subject) * count);

interface Machine {
  readonly model: string;
  readonly vendor: string;
  readonly sockets: number;
  readonly cores: number;
  readonly threads: number;
  readonly cpus: number;
  readonly memory: KiB;
  readonly uuid: string;
}

const capabilities = (machine: Machine): string => `<capabilities>
  <host>
    <uuid>${machine.uuid}</uuid>
    <cpu>
      <arch>x86_64</arch>
      <model>${machine.model}</model>
      <vendor>${machine.vendor}</vendor>
      <topology sockets='${String(machine.sockets)}' dies='1' cores='${String(machine.cores)}' threads='${String(machine.threads)}'/>
      <feature name='invtsc'/>
    </cpu>
    <topology>
      <cells num='1'>
        <cell id='0'>
          <memory unit='KiB'>${String(machine.memory)}</memory>
          <cpus num='${String(machine.cpus)}'/>
        </cell>
      </cells>
    </topology>
  </host>
  <guest>
    <os_type>hvm</os_type>
    <arch name='x86_64'>
      <wordsize>64</wordsize>
      <emulator>/usr/bin/qemu-system-x86_64</emulator>
      ${machineElements()}
      <domain type='qemu'/>
      <domain type='kvm'/>
    </arch>
  </guest>
</capabilities>
`;

/** Returns the host's memory while its guests occupy `held`; its caches shrink accordingly. */
export function hostMemoryOf(total: KiB, held: KiB): HostMemory {
  const left = Math.max(0, total - Math.floor(total * OWN_SHARE) - held);
  const cached = Math.floor(Math.min(total * CACHED_SHARE, left / 2));
  const buffers = Math.floor(Math.min(total * BUFFERS_SHARE, left / 8));
  return {
    total,
    free: KiB(left - cached - buffers),
    buffers: KiB(buffers),
    cached: KiB(cached),
  };
}
