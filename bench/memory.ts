import { readFile } from 'node:fs/promises';
import { WsClient } from '../tests/support/wsClient.ts';
import { build } from './build.ts';
import { createVms } from './createVms.ts';
import { withDaemon } from './daemon.ts';
import { row, type Row } from './row.ts';
import { settle } from './settle.ts';

/** Measures the built daemon's resident memory with 1, 50 and 500 simulated VMs, and under load with 1 000. */
export async function benchMemory({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  await build();
  const counts = quick ? [50] : [1, 50, 500];
  const most = quick ? 100 : 1000;
  const found: Sizes[] = [];
  for (let run = 0; run < (quick ? 1 : 3); run++)
    found.push(await sizesOf({ counts, most, quick }));
  return [
    ...counts.map((count, i) =>
      row(
        `resident memory, ${String(count)} ${count === 1 ? 'VM' : 'VMs'}`,
        'MiB',
        found.map(({ idle }) => idle[i] ?? NaN),
      ),
    ),
    row(
      `resident memory, ${String(most)} VMs under load`,
      'MiB',
      found.map(({ loaded }) => loaded),
      'the most, while clients ask for all statistics, lists and metrics',
    ),
  ];
}

/** In MiB. */
interface Sizes {
  /** At each count. */
  readonly idle: readonly number[];
  readonly loaded: number;
}

interface Plan {
  readonly counts: readonly number[];
  readonly most: number;
  readonly quick: boolean;
}

/** One daemon grows through the counts. */
const sizesOf = ({ counts, most, quick }: Plan): Promise<Sizes> =>
  withDaemon(async ({ url, pid }) => {
    const client = await WsClient.connect(url);
    const idle: number[] = [];
    let made = 0;
    for (const count of counts) {
      await createVms(client, count - made, made);
      made = count;
      await settle(quick);
      idle.push(await residentMiB(pid));
    }
    await createVms(client, most - made, made);
    await settle(quick);
    const loaded = await underLoad({ url, client, pid, rounds: quick ? 5 : 50 });
    await client.close();
    return { idle, loaded };
  });

interface Load {
  readonly url: string;
  readonly client: WsClient;
  readonly pid: number;
  readonly rounds: number;
}

async function underLoad({ url, client, pid, rounds }: Load): Promise<number> {
  const page = async (path: string): Promise<unknown> =>
    (await fetch(new URL(path, url.replace(/^ws/, 'http')))).text();
  let most = 0;
  for (let round = 0; round < rounds; round++) {
    await Promise.all([
      client.call('Host.getAllVmStats'),
      page('/metrics'),
      page('/ovirt-engine/api/vms'),
    ]);
    most = Math.max(most, await residentMiB(pid));
  }
  return most;
}

/** Returns the memory of a process that is in RAM, in MiB. */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error('/proc has no VmRSS; run this on Linux');
  return Number(kib) / 1024;
}
