import { type Clock, systemClock } from '../../common/clock.ts';
import { KiB } from '../../common/units.ts';
import type { HostMemory, Hypervisor } from '../hypervisor.ts';
import type { Addresses } from '../report/networks.ts';
import { Procfs } from '../report/procfs.ts';
import { SimulatedKsm } from './simulatedKsm.ts';
import { SimulatedPaging } from './simulatedPaging.ts';

type Figures = Pick<Hypervisor, 'node' | 'hostMemory'>;
type File = string | (() => Promise<string>);

const BOOTED_BEFORE = 3 * 24 * 3600 * 1000;
const MILLISECONDS_PER_TICK = 10;
/** CPU shares of an idle host's own services. */
const USER_SHARE = 0.02;
const SYSTEM_SHARE = 0.01;

const NETWORK = 'sys/class/net';
const NODE = 'sys/devices/system/node/node0';
const KSM = 'sys/kernel/mm/ksm/';
const KSM_NUMBERS = [
  'run',
  'pages_shared',
  'pages_sharing',
  'pages_to_scan',
  'sleep_millisecs',
  'merge_across_nodes',
];
const HUGEPAGES = 'sys/kernel/mm/hugepages/hugepages';
const MAC = '02:00:00:00:00:0a\n';

/** From the block reserved for examples (RFC 5737), so that it is not mistaken for a real host. */
const ADDRESSES: Addresses = {
  ovirtmgmt: [
    {
      family: 'IPv4',
      address: '192.0.2.10',
      netmask: '255.255.255.0',
      cidr: '192.0.2.10/24',
      mac: MAC.trim(),
      internal: false,
    },
  ],
};

/** Files that do not depend on the hypervisor. */
const ALWAYS: Readonly<Record<string, string>> = {
  'proc/self/smaps': 'KernelPageSize:        4 kB\n',
  'proc/sys/kernel/numa_balancing': '0\n',
  'proc/sys/kernel/osrelease': '6.1.0-simulated\n',
  'etc/os-release': 'NAME="Simulated host"\nVERSION_ID="1"\n',
  'sys/class/dmi/id/sys_vendor': 'vmemd\n',
  'sys/class/dmi/id/product_name': 'Simulated host\n',
  [`${NODE}/distance`]: '10\n',
  [`${HUGEPAGES}-2048kB/nr_hugepages`]: '0\n',
  [`${HUGEPAGES}-2048kB/free_hugepages`]: '0\n',
  [`${HUGEPAGES}-1048576kB/nr_hugepages`]: '0\n',
  [`${HUGEPAGES}-1048576kB/free_hugepages`]: '0\n',
  'sys/kernel/mm/transparent_hugepage/enabled': 'always [madvise] never\n',
  [`${NETWORK}/eth0/address`]: MAC,
  [`${NETWORK}/eth0/mtu`]: '1500\n',
  [`${NETWORK}/eth0/speed`]: '10000\n',
  [`${NETWORK}/ovirtmgmt/address`]: MAC,
  [`${NETWORK}/ovirtmgmt/mtu`]: '1500\n',
  [`${NETWORK}/ovirtmgmt/bridge/stp_state`]: '0\n',
  [`${NETWORK}/ovirtmgmt/brif/eth0/state`]: '3\n',
};

/** The /proc and /sys of a simulated hypervisor: a host with one NUMA node that does little itself. */
export class SimulatedProcfs extends Procfs {
  readonly #memory: () => Promise<HostMemory>;
  readonly #files: ReadonlyMap<string, File>;
  readonly #written = new Map<string, string>();
  readonly #ksm: SimulatedKsm;

  constructor(hypervisor: Figures, clock: Clock = systemClock) {
    super();
    const paging = new SimulatedPaging(clock);
    const memory = sharedMemory(hypervisor);
    this.#memory = memory;
    this.#ksm = new SimulatedKsm(clock);
    this.#files = new Map<string, File>([
      ...Object.entries(ALWAYS),
      ...Object.entries(figures({ node: () => hypervisor.node(), hostMemory: memory })),
      ['proc/meminfo', async () => paging.meminfo(await memory())],
      ['proc/vmstat', async () => paging.vmstat(await memory())],
      ['proc/pressure/memory', async () => paging.pressure(await memory())],
      ...KSM_NUMBERS.map((name) => [`${KSM}${name}`, () => this.#ksmNumber(name)] as const),
    ]);
  }

  override async text(path: string): Promise<string | undefined> {
    const file = this.#written.get(path) ?? this.#files.get(path);
    return typeof file === 'function' ? await file() : file;
  }

  override list(path: string): Promise<string[]> {
    const below = [...this.#files.keys()].filter((file) => file.startsWith(`${path}/`));
    const names = below.map((file) => file.slice(path.length + 1).replace(/\/.*/, ''));
    return Promise.resolve([...new Set(names)]);
  }

  /** Writes to existing files only, in memory. */
  override async write(path: string, text: string): Promise<void> {
    if (!this.#files.has(path)) throw new Error(`ENOENT: there is no /${path}`);
    if (!path.startsWith(KSM)) this.#written.set(path, text);
    else this.#ksm.set(path.slice(KSM.length), Number(text), await this.#occupied());
  }

  override addresses(): Addresses {
    return ADDRESSES;
  }

  async #ksmNumber(name: string): Promise<string> {
    return `${String(this.#ksm.numbers(await this.#occupied())[name])}\n`;
  }

  /** What the guests and the host itself occupy; 0 if that is unknown. */
  async #occupied(): Promise<KiB> {
    const { total, free } = await this.#memory().catch((): HostMemory => ({
      total: KiB(0),
      free: KiB(0),
    }));
    return KiB(total - free);
  }
}

/** Returns what reads the host's memory, once for several files that are read at the same time: all guests are counted. */
function sharedMemory(hypervisor: Pick<Figures, 'hostMemory'>): () => Promise<HostMemory> {
  let pending: Promise<HostMemory> | undefined;
  return () =>
    (pending ??= hypervisor.hostMemory().finally(() => {
      pending = undefined;
    }));
}

function figures(hypervisor: Figures): Readonly<Record<string, () => Promise<string>>> {
  const booted = Date.now() - BOOTED_BEFORE;
  const cpus = async (): Promise<number> => (await hypervisor.node()).cpus;
  const range = async (): Promise<string> => `0-${String((await cpus()) - 1)}\n`;
  return {
    'proc/stat': async () => cpuTimes(await cpus(), booted),
    'proc/loadavg': async () => ((await cpus()) * (USER_SHARE + SYSTEM_SHARE)).toFixed(2),
    'proc/cpuinfo': async () => cpuFlags((await hypervisor.node()).cpuModel),
    'sys/devices/system/cpu/online': range,
    [`${NODE}/cpulist`]: range,
    [`${NODE}/meminfo`]: async () => {
      const { total, free } = await hypervisor.hostMemory();
      return `Node 0 MemTotal: ${String(total)} kB\nNode 0 MemFree: ${String(free)} kB\n`;
    },
  };
}

function cpuTimes(cpus: number, booted: number): string {
  const elapsed = (Date.now() - booted) / MILLISECONDS_PER_TICK;
  const line = (name: string, ticks: number): string => {
    const user = Math.round(ticks * USER_SHARE);
    const system = Math.round(ticks * SYSTEM_SHARE);
    return `cpu${name} ${[user, 0, system, Math.round(ticks) - user - system, 0, 0, 0].join(' ')}`;
  };
  const each = Array.from({ length: cpus }, (_, cpu) => line(String(cpu), elapsed));
  const bootTime = `btime ${String(Math.floor(booted / 1000))}`;
  return [line(' ', elapsed * cpus), ...each, bootTime, ''].join('\n');
}

const cpuFlags = (model: string): string =>
  `flags : fpu vme pse tsc msr pae cx8 apic cmov mmx fxsr sse sse2 ht syscall nx lm sse4_1 sse4_2 aes avx avx2 ${
    model.startsWith('EPYC') ? 'svm' : 'vmx'
  }\n`;
