import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { WsClient } from '../tests/support/wsClient.ts';
import { row, type Row } from './row.ts';

const root = new URL('..', import.meta.url);
const counts = [1, 50, 500];
const START_DEADLINE_MS = 30_000;
/** Longer than a simulated guest takes to boot, so that every guest reports when memory is read. */
const SETTLE_MS = 5000;

/** How soon the built daemon answers, and how much memory it takes with 1, 50 and 500 simulated VMs. */
export async function benchMemory({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  build();
  const starts: number[] = [];
  for (let run = 0; run < (quick ? 5 : 15); run++) starts.push(await timeToFirstAnswer());
  const sizes: number[][] = [];
  for (let run = 0; run < (quick ? 1 : 3); run++) sizes.push(await residentMiB());
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

function build(): void {
  const { status, stdout } = spawnSync('npm', ['run', 'build'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the build failed:\n${stdout}`);
}

async function timeToFirstAnswer(): Promise<number> {
  const begin = performance.now();
  return withDaemon(async (client) => {
    await client.call('Host.ping2');
    return performance.now() - begin;
  });
}

/** Resident memory at each of the counts, one daemon growing through them. */
const residentMiB = (): Promise<number[]> =>
  withDaemon(async (client, pid) => {
    const sizes: number[] = [];
    let made = 0;
    for (const count of counts) {
      for (; made < count; made++) await createVm(client, made);
      await sleep(SETTLE_MS);
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
  if (kib === undefined) throw new Error('/proc does not tell VmRSS; run this on Linux');
  return Number(kib) / 1024;
}

async function withDaemon<T>(work: (client: WsClient, pid: number) => Promise<T>): Promise<T> {
  const options = ['--connect', 'simulated', '--listen', '127.0.0.1:0'];
  const daemon = spawn(process.execPath, ['dist/src/main.js', ...options], { cwd: root });
  const ended = once(daemon, 'exit');
  try {
    const client = await WsClient.connect(await addressOf(daemon));
    const answer = await work(client, daemon.pid ?? NaN);
    await client.close();
    return answer;
  } finally {
    daemon.kill();
    await ended;
  }
}

/** What it prints when it listens; its output is read on, so that it never blocks on a full pipe. */
function addressOf(daemon: ChildProcess): Promise<string> {
  const printed: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (): void => {
      reject(new Error(`the daemon did not come up:\n${printed.join('\n')}`));
    };
    const giveUp = setTimeout(fail, START_DEADLINE_MS);
    daemon.once('exit', fail);
    for (const stream of [daemon.stdout, daemon.stderr]) {
      if (!stream) continue;
      createInterface(stream).on('line', (line) => {
        const url = /ws:\/\/[^\s"',]+/.exec(line)?.[0];
        if (!url) {
          if (printed.length < 100) printed.push(line);
          return;
        }
        clearTimeout(giveUp);
        resolve(url);
      });
    }
  });
}
