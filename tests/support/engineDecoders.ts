/** What the engine's decoder of a field makes of a JSON value; what it throws stops its whole refresh of a host. */
export type Decoder = (value: unknown) => unknown;

const MAX_INT = 2 ** 31 - 1;
const fails = (exception: string): never => {
  throw new TypeError(exception);
};
/** Java reads whole numbers into Integer, larger ones into Long, and others into Double. */
const isInt = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= MAX_INT;
const cut = (text: string): number | undefined => {
  const whole = /^\s*([-+]?\d+)(\.\d*)?\s*$/.exec(text)?.[1];
  return whole === undefined ? undefined : Number(whole);
};

const int: Decoder = (value) => {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return cut(value);
  return isInt(value) ? value : fails('ClassCastException');
};

const long: Decoder = (value) => {
  if (typeof value === 'string') return cut(value);
  return Number.isInteger(value) ? value : undefined;
};

const double: Decoder = (value) => {
  // what JSON writes without a fraction is no Double to Java
  if (typeof value === 'number') return Number.isInteger(value) ? undefined : value;
  if (typeof value !== 'string') return undefined;
  const number = value.trim() === '' ? NaN : Number(value);
  return Number.isNaN(number) ? fails('NumberFormatException') : number;
};

const bool: Decoder = (value) => {
  if (value === null) return fails('NullPointerException');
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
};

const string: Decoder = (value) => (typeof value === 'string' ? value : undefined);
const list: Decoder = (value) => (Array.isArray(value) ? value : undefined);

/** Reads what must not be absent, since Java unboxes it or asks it for something at once. */
const mandatory =
  (decode: Decoder): Decoder =>
  (value) =>
    decode(value) ?? fails('NullPointerException');

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads an object of any keys, or nothing. */
const mapOf =
  (decode: Decoder): Decoder =>
  (value) => {
    if (value === undefined) return undefined;
    if (!isObject(value)) return fails('ClassCastException');
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, decode(one)]));
  };

const listOf =
  (decode: Decoder): Decoder =>
  (value) => {
    if (value === undefined) return undefined;
    return Array.isArray(value) ? value.map(decode) : fails('ClassCastException');
  };

/** Reads an object whose fields are known, or nothing. */
const fields =
  (of: Readonly<Record<string, Decoder>>): Decoder =>
  (value) => {
    if (value === undefined) return undefined;
    return isObject(value) ? decoded(value, of) : fails('ClassCastException');
  };

/** What the engine has read of an object; what it found nothing for is absent. */
export function decoded(
  value: Readonly<Record<string, unknown>>,
  of: Readonly<Record<string, Decoder>>,
): Readonly<Record<string, unknown>> {
  const read = Object.entries(of).map(([name, decode]) => {
    try {
      return [name, decode(value[name])] as const;
    } catch (cause) {
      throw new TypeError(`${name}: ${(cause as Error).message}`, { cause });
    }
  });
  return Object.fromEntries(read.filter(([, one]) => one !== undefined));
}

export const decoders = { int, long, double, bool, string, list } as const;

const device = { mtu: int, addr: string, netmask: string, hwaddr: string };
const topology = {
  numa_cell_id: mandatory(int),
  socket_id: mandatory(int),
  core_id: mandatory(int),
  cpu_id: mandatory(int),
};
const version = { version: mandatory(string), release: mandatory(string) };

/** What the engine reads of Host.getCapabilities. */
export const capabilities: Readonly<Record<string, Decoder>> = {
  memSize: mandatory(int),
  reservedMem: mandatory(int),
  guestOverhead: mandatory(int),
  numaNodes: mapOf(fields({ cpus: listOf(mandatory(int)), totalMemory: mandatory(long) })),
  numaNodeDistance: mapOf(listOf(mandatory(int))),
  autoNumaBalancing: int,
  cpuTopology: listOf(fields(topology)),
  HBAInventory: mandatory(mapOf(mandatory(list))),
  kvmEnabled: mandatory(bool),
  emulatedMachines: mandatory(list),
  rngSources: mandatory(list),
  cpuFlags: mandatory(string),
  clusterLevels: mandatory(list),
  supportedENGINEs: mandatory(list),
  packages2: mandatory(fields({ vdsm: mandatory(fields(version)) })),
  networks: mandatory(mapOf(fields({ ...device, iface: string, bridged: bool, ports: list }))),
  bridges: mandatory(mapOf(fields({ ...device, ports: list }))),
  nics: mandatory(mapOf(fields({ ...device, speed: int }))),
  vlans: mandatory(mapOf(fields({ ...device, vlanid: mandatory(int), iface: string }))),
  bondings: mandatory(mapOf(fields({ ...device, slaves: list }))),
  selinux: fields({ mode: int }),
  kdumpStatus: int,
  fipsEnabled: bool,
  cpuThreads: mandatory(int),
  cpuCores: mandatory(int),
  cpuSockets: mandatory(int),
  cpuModel: mandatory(string),
  cpuSpeed: mandatory(double),
  onlineCpus: mandatory(string),
  version_name: string,
  software_version: string,
  operatingSystem: fields({ name: string, version: string, release: string }),
  uuid: mandatory(string),
  additionalFeatures: list,
  hooks: mapOf(mapOf(mapOf(string))),
  supported_block_size: mapOf(list),
  kernelArgs: string,
  boot_uuid: string,
  bootTime: long,
};

const thpState: Decoder = (value) => {
  if (value === undefined) return undefined;
  const isKnown = typeof value === 'string' && /^(always|madvise|never)$/i.test(value);
  return isKnown ? value : fails('IllegalArgumentException');
};

const dateTime: Decoder = (value) =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d \w+$/.test(value) ?
    value
  : undefined;

const ofOneCpu = {
  cpuUser: mandatory(double),
  cpuSys: mandatory(double),
  cpuIdle: mandatory(double),
  nodeIndex: mandatory(int),
};

/** What the engine reads of Host.getStats. */
export const stats: Readonly<Record<string, Decoder>> = {
  memFree: mandatory(long),
  memShared: long,
  swapTotal: mandatory(long),
  swapFree: mandatory(long),
  ksmState: bool,
  ksmPages: long,
  ksmCpu: int,
  thpState,
  anonHugePages: mandatory(int),
  hugepages: mapOf(fields({ 'vm.free_hugepages': mandatory(int), nr_hugepages: mandatory(int) })),
  numaNodeMemFree: mapOf(fields({ memFree: mandatory(long), memPercent: mandatory(int) })),
  cpuStatistics: mapOf(fields(ofOneCpu)),
  cpuUser: double,
  cpuSys: double,
  cpuIdle: double,
  cpuLoad: double,
  elapsedTime: double,
  vmCount: mandatory(int),
  vmActive: mandatory(int),
  vmMigrating: mandatory(int),
  incomingVmMigrations: mandatory(int),
  outgoingVmMigrations: mandatory(int),
  dateTime: mandatory(dateTime),
  bootTime: long,
  diskStats: mapOf(mapOf(string)),
  storageDomains: mapOf(mapOf(string)),
  haStats: fields({ configured: bool, active: bool, score: int }),
};

/** Prints as an integer, or breaks the whole poll. */
const printedLong: Decoder = (value) => {
  if (value === undefined) return undefined;
  return /^-?\d+$/.test(JSON.stringify(value).replaceAll('"', '')) ?
      Number(value)
    : fails('NumberFormatException');
};

const sizes = {
  balloon_cur: mandatory(long),
  balloon_max: mandatory(long),
  balloon_min: mandatory(long),
  balloon_target: mandatory(long),
};

const hash: Decoder = (value) =>
  value === undefined || typeof value === 'string' ? value : fails('ClassCastException');

/** What the engine reads of a VM in Host.getAllVmStats. */
export const vmStats: Readonly<Record<string, Decoder>> = {
  vmId: mandatory(string),
  status: mandatory(string),
  statusTime: mandatory(double),
  vmName: string,
  hash,
  memUsage: int,
  memoryStats: fields({
    mem_buffers: printedLong,
    mem_cached: printedLong,
    mem_free: printedLong,
    mem_unused: printedLong,
  }),
  balloonInfo: fields(sizes),
  elapsedTime: double,
  cpuUser: double,
  cpuSys: double,
  monitorResponse: int,
  exitCode: int,
  exitReason: int,
  exitMessage: string,
  pauseCode: string,
  acpiEnable: string,
  vcpuCount: int,
  vcpuQuota: int,
  vcpuPeriod: int,
  vcpuUserLimit: int,
};
