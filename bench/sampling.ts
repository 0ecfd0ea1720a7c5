import { setTimeout as sleep } from 'node:timers/promises';
import { WsClient } from '../tests/support/wsClient.ts';
import { build } from './build.ts';
import { createVms } from './createVms.ts';
import { cpuMs } from './cpu.ts';
import { withConfigured } from './daemon.ts';
import { compared, paired, row, type Row } from './row.ts';
import { warm } from './settle.ts';

/** Measures the built daemon's CPU time for sampling its VMs each second. */
export async function benchSampling({
  quick,
}: {
  readonly quick: boolean;
}): Promise<readonly Row[]> {
  await build();
  const plan =
    quick ?
      { runs: 1, seconds: 2, counts: [100, 200] }
    : { runs: 5, seconds: 10, counts: [10, 100, 500, 1000] };
  return withConfigured(
    () => '[sampling]\ninterval = 1\n',
    ({ url, pid }) => measure({ url, pid, quick, ...plan }),
  );
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
    await createVms(client, count - made, made);
    made = count;
    await client.close();
    // so that the fewer, which are measured first, do not run colder code than the most
    await warm(quick);
    const found = await shares(pid, runs, seconds);
    costs.push(found.map((share) => share / count));
    rows.push(row(`sampling ${String(count)} VMs each second`, '% of a core', found));
  }
  const [half = [], all = []] = costs.slice(-2);
  const [fewer, most] = counts.slice(-2).map(String);
  // a quick run is too short to compare: it measures the compilation of code
  if (quick) return rows;
  const each = paired(all, half);
  return [...rows, compared(`sampling ${most} VMs, each`, '% of a core', each, `each of ${fewer}`)];
}

/** Returns the CPU time of a process as a share of a core, in percent, once for each run. */
export async function shares(pid: number, runs: number, seconds: number): Promise<number[]> {
  const found: number[] = [];
  for (let run = 0; run < runs; run++) {
    const [before, began] = [await cpuMs(pid), performance.now()];
    await sleep(seconds * 1000);
    const used = (await cpuMs(pid)) - before;
    found.push((100 * used) / (performance.now() - began));
  }
  return found;
}
