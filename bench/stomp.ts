import { execFile, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, buildPrograms, root, start, nextMessage } from './build.ts';
import { withDaemon } from './daemon.ts';
import { row, type Row } from './row.ts';
import type { Identity, Ports } from './stomp/listen.ts';
import type { Job, Load } from './stomp/load.ts';

/** Connections, and requests in flight on each. */
const shapesOf = (connections: readonly number[]) =>
  connections.flatMap((count) => [1, 8].map((inFlight) => ({ connections: count, inFlight })));

/**
 * Measures requests per second and latency over STOMP, plain and with TLS, beside a bare responder of the same frames.
 */
export async function benchStomp({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  await Promise.all([build(), buildPrograms()]);
  const folder = await mkdtemp(join(tmpdir(), 'vmemd-bench-'));
  const bare = start('stomp/bare');
  const load = start('stomp/load');
  try {
    const pki = join(folder, 'pki');
    await promisify(execFile)('node', ['dist/vmemd/main.cjs', 'pki', '--init', pki], { cwd: root });
    bare.send(await identity(pki, 'vdsm'));
    const limit = await nextMessage<Ports>(bare);
    const client = await identity(pki, 'client');
    const times = quick ? { seconds: 0.1, rounds: 1 } : { seconds: 1, rounds: 7 };
    const shapes = shapesOf(quick ? [4] : [1, 4, 16]);
    return await withDaemon(
      async ({ url }) => {
        const port = Number(new URL(url).port);
        const plan = { load, ours: { plain: port, tls: port }, limit, ...times };
        const rows: Row[] = [];
        for (const encrypted of [{}, { identity: client }]) {
          for (const shape of shapes)
            rows.push(...(await compare({ ...plan, ...shape, ...encrypted })));
        }
        return rows;
      },
      '--pki',
      pki,
    );
  } finally {
    bare.disconnect();
    load.disconnect();
    await rm(folder, { recursive: true });
  }
}

async function identity(pki: string, name: string): Promise<Identity> {
  const read = (file: string) => readFile(join(pki, file), 'utf8');
  return {
    key: await read(`keys/${name}key.pem`),
    cert: await read(`certs/${name}cert.pem`),
    ca: await read('certs/cacert.pem'),
  };
}

interface Plan extends Omit<Job, 'port'> {
  readonly load: ChildProcess;
  readonly ours: Ports;
  readonly limit: Ports;
  readonly rounds: number;
}

/** Alternates between both round by round, so that disturbances of the machine affect both. */
async function compare({ load, ours, limit, rounds, ...job }: Plan): Promise<readonly Row[]> {
  const measure = (ports: Ports): Promise<Load> => {
    load.send({ ...job, port: job.identity ? ports.tls : ports.plain } satisfies Job);
    return nextMessage<Load>(load);
  };
  const found: Load[] = [];
  const bare: Load[] = [];
  for (let round = -1; round < rounds; round++) {
    const [mine, theirs] = [await measure(ours), await measure(limit)];
    // The first round is a warm-up.
    if (round < 0) continue;
    found.push(mine);
    bare.push(theirs);
  }
  const shape = `${String(job.connections)}×${String(job.inFlight)}`;
  const title = `STOMP${job.identity ? ' in TLS' : ''} ${shape}`;
  const all = (loads: readonly Load[], figure: keyof Load) => loads.map((each) => each[figure]);
  const shares = found.map(({ perSecond }, i) => perSecond / (bare[i]?.perSecond ?? NaN));
  const what = 'connections × requests in flight on each';
  return [
    row(title, 'requests/s', all(found, 'perSecond'), what),
    row(`${title}, latency`, 'µs', all(found, 'median')),
    row(`${title}, latency p99`, 'µs', all(found, 'p99')),
    row(`${title}, bare responder`, 'requests/s', all(bare, 'perSecond')),
    row(`${title}, bare responder, latency`, 'µs', all(bare, 'median')),
    row(`${title}, beside bare`, '×', shares),
  ];
}
