import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WsClient } from '../tests/support/wsClient.ts';
import { build } from './build.ts';
import { withDaemon } from './daemon.ts';
import { row, type Row } from './row.ts';
import { settle } from './settle.ts';

/** Clock ticks per second in /proc: USER_HZ is 100 on all platforms of Node.js. */
const TICKS = 100;

/** Measures the built daemon's CPU time for sampling its VMs each second, and for a page of /metrics. */
export async function benchSampling({
  quick,
}: {
  readonly quick: boolean;
}): Promise<readonly Row[]> {
  await build();
  const folder = await mkdtemp(join(tmpdir(), 'vmemd-bench-'));
  try {
    const config = join(folder, 'vmemd.conf');
    await writeFile(config, '[sampling]\ninterval = 1\n');
    const plan =
      quick ?
        { runs: 1, seconds: 2, counts: [100, 200] }
      : { runs: 5, seconds: 10, counts: [10, 100, 500, 1000] };
    return await withDaemon(
      ({ url, pid }) => measure({ url, pid, quick, ...plan }),
      '--config',
      config,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Plan {
  readonly url: string;
  readonly pid: number;
  readonly quick: boolean;
  readonly runs: number;
  readonly seconds: number;
  /** The last two are compared. */
  readonly counts: readonly number[];
}

/** One daemon grows through the counts. */
async function measure({ url, pid, quick, runs, seconds, counts }: Plan): Promise<readonly Row[]> {
  const rows = [row('sampling no VMs', '% of a core', await shares(pid, runs, seconds))];
  const costs: number[][] = [];
  let made = 0;
  for (const count of counts) {
    const client = await WsClient.connect(url);
    for (; made < count; made++) await createVm(client, made);
    await client.close();
    await settle(quick);
    const found = await shares(pid, runs, seconds);
    costs.push(found.map((share) => share / count));
    rows.push(row(`sampling ${String(count)} VMs each second`, '% of a core', found));
  }
  const [half = [], all = []] = costs.slice(-2);
  const growth = all.map((cost, run) => cost / (half[run] ?? NaN));
  const [fewer, most] = counts.slice(-2).map(String);
  rows.push(row(`sampling ${most} VMs, cost of each beside ${fewer}`, '×', growth));
  rows.push(row(`page of metrics, ${most} VMs`, 'ms', await pages(url, pid, runs)));
  return rows;
}

/** Returns the CPU time of a process as a share of a core, in percent, once for each run. */
export async function shares(pid: number, runs: number, seconds: number): Promise<number[]> {
  const found: number[] = [];
  for (let run = 0; run < runs; run++) {
    const [before, began] = [await cpuSeconds(pid), performance.now()];
    await sleep(seconds * 1000);
    const used = (await cpuSeconds(pid)) - before;
    found.push((100_000 * used) / (performance.now() - began));
  }
  return found;
}

/** CPU time per page, over many pages. */
async function pages(url: string, pid: number, runs: number): Promise<number[]> {
  const page = new URL('/metrics', url.replace(/^ws/, 'http'));
  const each = 20;
  const found: number[] = [];
  for (let run = -1; run < runs; run++) {
    const before = await cpuSeconds(pid);
    for (let n = 0; n < each; n++) await (await fetch(page)).text();
    // The first run is a warm-up.
    if (run >= 0) found.push((((await cpuSeconds(pid)) - before) / each) * 1000);
  }
  return found;
}

async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
  // Fields 14 and 15, counted behind the name, which may contain blanks.
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  if (user === undefined || system === undefined) {
    throw new Error('/proc has no CPU time of a process; run this on Linux');
  }
  return (Number(user) + Number(system)) / TICKS;
}

export const createVm = (client: WsClient, n: number): Promise<unknown> =>
  client.call('VM.create', {
    vmID: `b0000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
    vmParams: { vmName: `bench-${String(n)}`, memSize: 1024, memGuaranteedSize: 512 },
  });
