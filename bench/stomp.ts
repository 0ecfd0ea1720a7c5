import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { row, type Row } from './row.ts';
import type { Identity, Ports } from './stomp/listen.ts';
import type { Job, Load } from './stomp/load.ts';

/** Connections, and requests under way on each. */
const shapes = [1, 4, 16].flatMap((connections) =>
  [1, 8].map((inFlight) => ({ connections, inFlight })),
);

export interface StompBenchOptions {
  readonly quick: boolean;
  /** What to serve TLS with; a throw-away certificate is made without it. */
  readonly identity?: Identity;
}

/** Requests a second and latency over STOMP, plain and in TLS, beside a bare responder of the same frames; each program is a process of its own. */
export async function benchStomp({ quick, identity }: StompBenchOptions): Promise<readonly Row[]> {
  const pem = identity ?? (await createIdentity());
  const vmemd = fork(new URL('./stomp/vmemd.ts', import.meta.url));
  const bare = fork(new URL('./stomp/bare.ts', import.meta.url));
  const load = fork(new URL('./stomp/load.ts', import.meta.url));
  try {
    const ours = await ask<Ports>(vmemd, pem);
    const limit = await ask<Ports>(bare, pem);
    const plan = { load, ours, limit, seconds: quick ? 0.5 : 2, rounds: quick ? 3 : 7 };
    const rows: Row[] = [];
    for (const isTls of [false, true]) {
      for (const shape of shapes) rows.push(...(await compare({ ...plan, ...shape, isTls })));
    }
    return rows;
  } finally {
    for (const child of [vmemd, bare, load]) child.disconnect();
  }
}

async function createIdentity(): Promise<Identity> {
  const folder = await mkdtemp(join(tmpdir(), 'vmemd-bench-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const how = `req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout ${key} -out ${cert}`;
  try {
    await promisify(execFile)('openssl', how.split(' '));
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function ask<T>(child: ChildProcess, message: Identity | Job): Promise<T> {
  const done = new AbortController();
  const died = once(child, 'exit', done).then(() => {
    throw new Error('a program of the benchmark died; what it wrote says why');
  });
  child.send(message);
  try {
    const [answer] = (await Promise.race([once(child, 'message', done), died])) as [T];
    return answer;
  } finally {
    done.abort();
  }
}

interface Plan extends Omit<Job, 'port'> {
  readonly load: ChildProcess;
  readonly ours: Ports;
  readonly limit: Ports;
  readonly rounds: number;
}

/** Takes both in turn, round by round, so that what disturbs the machine disturbs both. */
async function compare({ load, ours, limit, rounds, ...job }: Plan): Promise<readonly Row[]> {
  const measure = (ports: Ports): Promise<Load> =>
    ask(load, { ...job, port: job.isTls ? ports.tls : ports.plain });
  const found: Load[] = [];
  const bare: Load[] = [];
  for (let round = -1; round < rounds; round++) {
    const [mine, theirs] = [await measure(ours), await measure(limit)];
    // the first round only warms up
    if (round < 0) continue;
    found.push(mine);
    bare.push(theirs);
  }
  const shape = `${String(job.connections)}×${String(job.inFlight)}`;
  const title = `STOMP${job.isTls ? ' in TLS' : ''} ${shape}`;
  const shares = found.map(({ perSecond }, i) => perSecond / (bare[i]?.perSecond ?? NaN));
  const rates = (loads: readonly Load[]): readonly number[] =>
    loads.map(({ perSecond }) => perSecond);
  return [
    row(title, 'requests/s', rates(found), 'connections × requests in flight on each'),
    row(
      `${title}, latency`,
      'µs',
      found.map(({ median }) => median),
    ),
    row(
      `${title}, latency p99`,
      'µs',
      found.map(({ p99 }) => p99),
    ),
    row(`${title}, bare responder`, 'requests/s', rates(bare)),
    row(`${title}, beside bare`, '×', shares),
  ];
}
