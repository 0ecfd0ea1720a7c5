import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Procfs } from '../../src/host/report/procfs.ts';

/** /proc and /sys of a machine with two NUMA nodes, as far as vmemd reads them. */
const machine: Readonly<Record<string, string>> = {
  'proc/meminfo': `MemTotal:       16777216 kB
MemFree:         4194304 kB
MemAvailable:    5242880 kB
Buffers:          102400 kB
Cached:          1048576 kB
SwapTotal:       2097152 kB
SwapFree:        1048576 kB
AnonHugePages:    524288 kB
Active(anon):    1000000 kB
SReclaimable:     204800 kB
HugePages_Total:       0
`,
  'proc/pressure/memory': `some avg10=1.25 avg60=0.40 avg300=0.10 total=34500000
full avg10=0.00 avg60=0.00 avg300=0.00 total=1500000
`,
  'proc/vmstat': 'nr_free_pages 1048576\npswpin 256\npswpout 512\n',
  'proc/stat': `cpu  1000 100 300 8000 400 50 50 0 0 0
cpu0 500 50 150 4000 200 25 25 0 0 0
btime 1780000000
`,
  'proc/self/smaps':
    '55dd2000-55dd4000 r--p 00000000 fe:00 26 /bin/node\nSize:      8 kB\nKernelPageSize:   4 kB\n',
  'proc/loadavg': '0.42 0.30 0.20 1/300 4711\n',
  'proc/cpuinfo': 'processor\t: 0\nflags\t\t: fpu vme sse4_2\n\nprocessor\t: 1\nflags\t\t: fpu\n',
  'proc/sys/kernel/numa_balancing': '1\n',
  'proc/sys/kernel/osrelease': '6.1.0-40-amd64\n',
  'etc/os-release': 'NAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n',
  'sys/devices/system/cpu/online': '0-2,5\n',
  'sys/devices/system/node/possible': '0-1\n',
  'sys/devices/system/node/node1/meminfo':
    'Node 1 MemTotal:       8388608 kB\nNode 1 MemFree:        2097152 kB\n',
  'sys/devices/system/node/node1/cpulist': '2,5\n',
  'sys/devices/system/node/node1/distance': '21 10\n',
  'sys/devices/system/node/node0/meminfo':
    'Node 0 MemTotal:       8388608 kB\nNode 0 MemFree:        6291456 kB\n',
  'sys/devices/system/node/node0/cpulist': '0-1\n',
  'sys/devices/system/node/node0/distance': '10 21\n',
  'sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages': '8\n',
  'sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages': '3\n',
  'sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages': '0\n',
  'sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages': '0\n',
  'sys/kernel/mm/transparent_hugepage/enabled': 'always [madvise] never\n',
  'sys/kernel/mm/ksm/run': '1\n',
  'sys/kernel/mm/ksm/pages_shared': '128\n',
  'sys/kernel/mm/ksm/pages_sharing': '1024\n',
  'sys/kernel/mm/ksm/merge_across_nodes': '0\n',
  'sys/kernel/mm/ksm/sleep_millisecs': '20\n',
  'sys/kernel/mm/ksm/pages_to_scan': '100\n',
  'sys/class/dmi/id/sys_vendor': 'QEMU\n',
  'sys/class/dmi/id/product_name': 'Standard PC\n',
  'sys/class/dmi/id/product_serial': '\n',
};

// One folder for all of a test file, so that a run that is killed leaves little behind.
let home: string | undefined;
const tidy = (): void => {
  if (home !== undefined) rmSync(home, { recursive: true });
};
/** Jest's; other programs use these files as well. */
const { afterAll } = globalThis as { afterAll?: (work: () => void) => void };
if (afterAll) afterAll(tidy);
else process.once('exit', tidy);

/** A folder that holds these files, at the paths that they have below /; it lasts as long as the test file. */
export function rootWith(files: Readonly<Record<string, string>>): string {
  home ??= mkdtempSync(join(tmpdir(), 'vmemd-procfs-'));
  const root = mkdtempSync(join(home, 'root-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Files in memory: the disk would take a third of the time of all tests. */
class MemoryProcfs extends Procfs {
  readonly #files: Map<string, string>;

  constructor(files: Readonly<Record<string, string>>) {
    super();
    this.#files = new Map(Object.entries(files));
  }

  override text(path: string): Promise<string | undefined> {
    return Promise.resolve(this.#files.get(relative(path)));
  }

  override list(path: string): Promise<string[]> {
    const folder = `${relative(path)}/`;
    const within = [...this.#files.keys()].filter((name) => name.startsWith(folder));
    const names = within.map((name) => name.slice(folder.length).replace(/\/.*/, ''));
    return Promise.resolve([...new Set(names)]);
  }

  override write(path: string, text: string): Promise<void> {
    const name = relative(path);
    if (!this.#files.has(name)) {
      return Promise.reject(new Error(`ENOENT: no such file or directory, open '/${name}'`));
    }
    this.#files.set(name, text);
    return Promise.resolve();
  }
}

const relative = (path: string): string => path.replace(/^\/+/, '');

/** Reads {@link machine}, with these files in place of its own; an undefined one is missing. */
export const procfs = (changes: Readonly<Record<string, string | undefined>> = {}): Procfs =>
  new MemoryProcfs(
    Object.fromEntries(
      Object.entries({ ...machine, ...changes }).flatMap(([path, text]) =>
        text === undefined ? [] : [[path, text]],
      ),
    ),
  );
