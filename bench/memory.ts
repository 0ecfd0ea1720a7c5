import { readFile } from 'node:fs/promises';
import { WsClient } from '../tests/support/wsClient.ts';
import { build } from './build.ts';
import { withDaemon } from './daemon.ts';
import { row, type Row } from './row.ts';
import { settle } from './settle.ts';

/** Measures the built daemon's time to its first reply, and its memory with 1, 50 and 500 simulated VMs. */
export async function benchMemory({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  await build();
  const starts: number[] = [];
  for (let run = 0; run < (quick ? 1 : 15); run++) starts.push(await timeToFirstAnswer());
  const counts = quick ? [50] : [1, 50, 500];
  const sizes: number[][] = [];
  for (let run = 0; run < (quick ? 1 : 3); run++) sizes.push(await residentMiB(counts, quick));
  return [
    row('start to first answer', 'ms', starts),
    ...counts.map((count, i) =>
      row(
        `resident memory, ${String(count)} ${count === 1 ? 'VM' : 'VMs'}`,
        'MiB',
        sizes.map((found) => found[i] ?? NaN),
      ),
    ),
  ];
}

async function timeToFirstAnswer(): Promise<number> {
  const begin = performance.now();
  return withClient(async (client) => {
    await client.call('Host.ping2');
    return performance.now() - begin;
  });
}

/** Resident memory at each count, with one growing daemon. */
const residentMiB = (counts: readonly number[], quick: boolean): Promise<number[]> =>
  withClient(async (client, pid) => {
    const sizes: number[] = [];
    let made = 0;
    for (const count of counts) {
      for (; made < count; made++) await createVm(client, made);
      await settle(quick);
      sizes.push(await residentNow(pid));
    }
    return sizes;
  });

const createVm = (client: WsClient, n: number): Promise<unknown> =>
  client.call('VM.create', {
    vmID: `b0000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
    vmParams: {
      vmName: `bench-${String(n)}`,
      memSize: 1024,
      memGuaranteedSize: 512,
      maxMemSize: 4096,
      maxMemSlots: 16,
    },
  });

async function residentNow(pid: number): Promise<number> {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(
    await readFile(`/proc/${String(pid)}/status`, 'utf8'),
  )?.[1];
  if (kib === undefined) throw new Error('/proc has no VmRSS; run this on Linux');
  return Number(kib) / 1024;
}

const withClient = <T>(work: (client: WsClient, pid: number) => Promise<T>): Promise<T> =>
  withDaemon(async ({ url, pid }) => {
    const client = await WsClient.connect(url);
    const answer = await work(client, pid);
    await client.close();
    return answer;
  });
