import type { ChildProcess } from 'node:child_process';
import { WsClient } from '../tests/support/wsClient.ts';
import { build, buildPrograms, start, nextMessage } from './build.ts';
import { withDaemon } from './daemon.ts';
import type { Job, Load } from './rpc/load.ts';
import { row, type Row } from './row.ts';

const vmID = '5e1f6a0e-0c55-4d0b-8f43-6f2f0b0b0a01';
const widths = [1, 8, 64];
const echo = 'ws echo';

interface Target {
  readonly name: string;
  readonly url: string;
  readonly method: string;
  readonly params: object;
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
    return await withDaemon(async ({ url }) => {
      await createVm(url);
      const targets: readonly Target[] = [
        { name: echo, url: echoUrl, method: 'Host.ping2', params: {} },
        { name: 'Host.ping2', url, method: 'Host.ping2', params: {} },
        { name: 'VM.getBalloonInfo', url, method: 'VM.getBalloonInfo', params: { vmID } },
      ];
      const rounds = quick ? 1 : 5;
      const seconds = quick ? 0.1 : 1;
      const rows: Row[] = [];
      for (const inFlight of widths) {
        rows.push(...(await compare(load, targets, { inFlight, seconds, rounds })));
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

interface Plan extends Pick<Job, 'inFlight' | 'seconds'> {
  readonly rounds: number;
}

/** Alternates between the targets round by round, so that disturbances of the machine affect all of them. */
async function compare(
  load: ChildProcess,
  targets: readonly Target[],
  { inFlight, seconds, rounds }: Plan,
): Promise<readonly Row[]> {
  const found = new Map(targets.map(({ name }) => [name, [] as Load[]]));
  for (let round = -1; round < rounds; round++) {
    for (const { name, url, method, params } of targets) {
      load.send({ url, method, params, inFlight, seconds } satisfies Job);
      const result = await nextMessage<Load>(load);
      // The first round is a warm-up.
      if (round >= 0) found.get(name)?.push(result);
    }
  }
  const bare = found.get(echo) ?? [];
  return [...found].flatMap(([name, loads]) => {
    const title = `${name}, ${String(inFlight)} in flight`;
    const shares = loads.map(({ perSecond }, i) => perSecond / (bare[i]?.perSecond ?? NaN));
    return [
      row(
        title,
        'requests/s',
        loads.map(({ perSecond }) => perSecond),
      ),
      row(
        `${title}, latency`,
        'µs',
        loads.map(({ median }) => median),
      ),
      row(
        `${title}, latency p99`,
        'µs',
        loads.map(({ p99 }) => p99),
      ),
      ...(name === echo ? [] : [row(`${title}, beside echo`, '×', shares)]),
    ];
  });
}
