import type { ChildProcess } from 'node:child_process';
import { WsClient } from '../tests/support/wsClient.ts';
import { build, buildPrograms, start, nextMessage } from './build.ts';
import { withDaemon } from './daemon.ts';
import type { Load } from './load.ts';
import type { Job } from './rpc/load.ts';
import { cpuMs } from './cpu.ts';
import { compared, paired, row, type Row } from './row.ts';

const vmID = '5e1f6a0e-0c55-4d0b-8f43-6f2f0b0b0a01';
const shapes = [
  ...[1, 8, 64].map((inFlight) => ({ connections: 1, inFlight })),
  ...[4, 16, 64].map((connections) => ({ connections, inFlight: 1 })),
];
const quickShapes = [
  { connections: 1, inFlight: 8 },
  { connections: 16, inFlight: 1 },
];
const echo = 'ws echo';

interface Target {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly method: string;
  readonly params: object;
}

/** What a load found, and the server's CPU time for each request in microseconds. */
interface Measured extends Load {
  readonly cpu: number;
}

/**
 * Measures requests per second and latency over WebSocket, beside a bare `ws` echo server; each program is a separate
 * process.
 */
export async function benchRpc({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  await Promise.all([build(), buildPrograms()]);
  const bare = start('rpc/echo');
  const load = start('rpc/load');
  try {
    const echoUrl = await nextMessage<string>(bare);
    return await withDaemon(async ({ url, pid }) => {
      await createVm(url);
      const targets: readonly Target[] = [
        { name: echo, url: echoUrl, pid: bare.pid ?? NaN, method: 'Host.ping2', params: {} },
        { name: 'Host.ping2', url, pid, method: 'Host.ping2', params: {} },
        { name: 'VM.getBalloonInfo', url, pid, method: 'VM.getBalloonInfo', params: { vmID } },
      ];
      const rounds = quick ? 3 : 5;
      const seconds = quick ? 0.3 : 1;
      const rows: Row[] = [];
      for (const shape of quick ? quickShapes : shapes) {
        rows.push(...(await compare(load, targets, { ...shape, seconds, rounds })));
      }
      return rows;
    });
  } finally {
    bare.disconnect();
    load.disconnect();
  }
}

async function createVm(url: string): Promise<void> {
  const client = await WsClient.connect(url);
  await client.call('VM.create', { vmID, vmParams: { vmName: 'bench', memSize: 1024 } });
  await client.close();
}

interface Plan extends Pick<Job, 'connections' | 'inFlight' | 'seconds'> {
  readonly rounds: number;
}

/** Alternates between the targets round by round, so that disturbances of the machine affect all of them. */
async function compare(
  load: ChildProcess,
  targets: readonly Target[],
  { rounds, ...shape }: Plan,
): Promise<readonly Row[]> {
  const found = new Map(targets.map(({ name }) => [name, [] as Measured[]]));
  for (let round = -1; round < rounds; round++) {
    for (const { name, url, pid, method, params } of targets) {
      const before = await cpuMs(pid);
      load.send({ url, method, params, ...shape } satisfies Job);
      const result = await nextMessage<Load>(load);
      const cpu = (((await cpuMs(pid)) - before) * 1000) / result.count;
      // The first round is a warm-up.
      if (round >= 0) found.get(name)?.push({ ...result, cpu });
    }
  }
  const bare = found.get(echo) ?? [];
  return [...found].flatMap(([name, loads]) => {
    const title = `${name}, ${wordingOf(shape)}`;
    const all = (of: (each: Measured) => number): number[] => loads.map(of);
    const figure = (label: string, unit: string, of: (each: Measured) => number): Row =>
      name === echo ?
        row(label, unit, all(of))
      : compared(label, unit, paired(all(of), bare.map(of)), echo);
    return [
      figure(title, 'requests/s', ({ perSecond }) => perSecond),
      figure(`${title}, CPU of a request`, 'µs', ({ cpu }) => cpu),
      row(
        `${title}, latency`,
        'µs',
        all(({ median }) => median),
      ),
      row(
        `${title}, latency p99`,
        'µs',
        all(({ p99 }) => p99),
      ),
    ];
  });
}

const wordingOf = ({ connections, inFlight }: Pick<Job, 'connections' | 'inFlight'>): string =>
  connections === 1 ?
    `${String(inFlight)} in flight`
  : `${String(connections)}×${String(inFlight)}`;
