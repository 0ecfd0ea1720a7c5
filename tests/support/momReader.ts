type Fields = Readonly<Record<string, unknown>>;

/** What MoM knows of a VM that it manages. */
export interface MomGuest {
  readonly name: string;
  readonly balloon: { readonly cur: number; readonly min: number; readonly max: number };
  /** Absent where MoM leaves the guest's balloon alone. */
  readonly unused?: number;
  readonly vcpuCount: number;
  readonly vcpuQuota: number;
  readonly vcpuPeriod: number;
  readonly vcpuUserLimit: number;
}

/** As Python's int(). */
function int(value: unknown, of: string): number {
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'string' && /^\s*[-+]?\d+\s*$/.test(value)) return Number(value);
  throw new TypeError(`${of} is ${JSON.stringify(value)}, no integer`);
}

const object = (value: unknown): Fields => (typeof value === 'object' && value ? { ...value } : {});

const FIGURES = ['mem_total', 'mem_unused', 'mem_free', 'majflt', 'pageflt', 'swap_in', 'swap_out'];

/**
 * Reads the answer of Host.getAllVmStats as MoM does. Throws where MoM would stop all its rounds, end, take a guest's
 * memory away at once, or fill its log with tracebacks: none of these may ever happen.
 */
export function readAsMom(answer: unknown): ReadonlyMap<string, MomGuest> {
  const guests = new Map<string, MomGuest>();
  for (const entry of answer as readonly Fields[]) {
    const { vmId, status } = entry;
    if (typeof vmId !== 'string' || typeof status !== 'string') throw new TypeError('MoM ends');
    if (status !== 'Up') continue;
    if (typeof entry['vmName'] !== 'string') throw new TypeError('MoM ends without a name');
    const unused = readMemory(entry);
    // a guest that is not ready is passed over
    if (entry['vcpuCount'] !== undefined) guests.set(vmId, readGuest(entry, unused));
  }
  return guests;
}

function readMemory({ memUsage, memoryStats }: Fields): number | undefined {
  if (int(memUsage, 'memUsage') === 0) return undefined;
  const stats = object(memoryStats);
  const [, unused] = FIGURES.map((name) => int(stats[name], name));
  if (unused === 0) throw new TypeError('MoM takes the guest for full');
  return unused;
}

function readGuest(entry: Fields, unused: number | undefined): MomGuest {
  const info = object(entry['balloonInfo']);
  const balloon = {
    cur: int(info['balloon_cur'], 'balloon_cur'),
    min: int(info['balloon_min'], 'balloon_min'),
    max: int(info['balloon_max'], 'balloon_max'),
  };
  if (balloon.cur === 0) throw new TypeError('MoM shrinks the guest to its minimum at once');
  if (balloon.min > balloon.max) throw new TypeError('MoM grows the guest beyond its maximum');
  return {
    name: String(entry['vmName']),
    balloon,
    ...(unused === undefined ? {} : { unused }),
    vcpuCount: int(entry['vcpuCount'], 'vcpuCount'),
    vcpuQuota: int(entry['vcpuQuota'] ?? 0, 'vcpuQuota'),
    vcpuPeriod: int(entry['vcpuPeriod'] ?? 0, 'vcpuPeriod'),
    vcpuUserLimit: int(entry['vcpuUserLimit'] ?? 100, 'vcpuUserLimit'),
  };
}
