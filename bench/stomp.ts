import { execFile, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, buildPrograms, root, start, nextMessage } from './build.ts';
import { withDaemon } from './daemon.ts';
import { cpuMs } from './cpu.ts';
import { compared, paired, row, type Row } from './row.ts';
import type { Identity, Ports } from './stomp/listen.ts';
import type { Load } from './load.ts';
import type { Job } from './stomp/load.ts';

/** The rate of VDSM's own stack on two cores of another machine, by shape; it is not run here. */
const VDSM: Readonly<Record<string, string>> = { '1×1': '4,200', '1×8': '8,700', '4×8': '12,200' };

/** Connections, and requests in flight on each. */
const SHAPES = [
  ...[1, 4, 16, 64].map((connections) => ({ connections, inFlight: 1 })),
  ...[1, 4, 16].map((connections) => ({ connections, inFlight: 8 })),
];
const QUICK = [
  { connections: 4, inFlight: 1 },
  { connections: 4, inFlight: 8 },
];

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
    const limit = { ports: await nextMessage<Ports>(bare), pid: bare.pid ?? NaN };
    const client = await identity(pki, 'client');
    const times = quick ? { seconds: 0.3, rounds: 3 } : { seconds: 1, rounds: 7 };
    const shapes = quick ? QUICK : SHAPES;
    return await withDaemon(
      async ({ url, pid }) => {
        const port = Number(new URL(url).port);
        const plan = { load, ours: { ports: { plain: port, tls: port }, pid }, limit, ...times };
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

/** A server under load. */
interface Server {
  readonly ports: Ports;
  readonly pid: number;
}

/** What a load found, and the server's CPU time for each request in microseconds. */
interface Measured extends Load {
  readonly cpu: number;
}

interface Plan extends Omit<Job, 'port'> {
  readonly load: ChildProcess;
  readonly ours: Server;
  readonly limit: Server;
  readonly rounds: number;
}

/** Alternates between both round by round, so that disturbances of the machine affect both. */
async function compare({ load, ours, limit, rounds, ...job }: Plan): Promise<readonly Row[]> {
  const measure = async ({ ports, pid }: Server): Promise<Measured> => {
    const before = await cpuMs(pid);
    load.send({ ...job, port: job.identity ? ports.tls : ports.plain } satisfies Job);
    const found = await nextMessage<Load>(load);
    return { ...found, cpu: (((await cpuMs(pid)) - before) * 1000) / found.count };
  };
  const found: Measured[] = [];
  const bare: Measured[] = [];
  for (let round = -1; round < rounds; round++) {
    const [mine, theirs] = [await measure(ours), await measure(limit)];
    // The first round is a warm-up.
    if (round < 0) continue;
    found.push(mine);
    bare.push(theirs);
  }
  const shape = `${String(job.connections)}×${String(job.inFlight)}`;
  const title = `STOMP${job.identity ? ' in TLS' : ''} ${shape}`;
  const figure = (name: string, unit: string, of: keyof Measured): Row => {
    const [own, peer] = [found, bare].map((loads) => loads.map((each) => each[of]));
    return compared(name, unit, paired(own ?? [], peer ?? []), 'bare responder');
  };
  return [
    {
      ...figure(title, 'requests/s', 'perSecond'),
      note: noteOf(shape, job),
    },
    figure(`${title}, CPU of a request`, 'µs', 'cpu'),
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
  ];
}

function noteOf(shape: string, { identity }: Pick<Job, 'identity'>): string {
  const meaning = 'connections × requests in flight on each';
  const vdsm = identity ? undefined : VDSM[shape];
  if (vdsm === undefined) return meaning;
  return `${meaning}; VDSM, which is not run here, had ${vdsm} requests/s on two cores, and its bar depends on the machine`;
}
