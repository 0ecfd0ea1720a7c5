import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type * as Libvirt from '../src/libvirt/index.ts';
import { builtClient, withLibvirtd } from './libvirtd.ts';
import { compared, type Pair, type Row } from './row.ts';

const run = promisify(execFile);
const pythonScript = join(import.meta.dirname, 'python3-libvirt.py');
/** Debian's Python, which has python3-libvirt. */
const PYTHON = '/usr/bin/python3';
const IN_FLIGHT = 8;
const DOMAINS = 50;
/** The only statistics group of the test driver. */
const STATE = 1;

/** The figures: medians in µs with one call in flight, calls per second with eight. */
const figures = {
  infoLatency: { name: 'getInfo, 1 in flight', unit: 'µs', calls: 1000 },
  infoRate: { name: `getInfo, ${IN_FLIGHT} in flight`, unit: 'calls/s', calls: 2000 },
  bulkLatency: { name: `state of ${DOMAINS + 1} domains, 1 in flight`, unit: 'µs', calls: 200 },
  bulkRate: {
    name: `state of ${DOMAINS + 1} domains, ${IN_FLIGHT} in flight`,
    unit: 'calls/s',
    calls: 400,
  },
} as const;

type Figure = keyof typeof figures;
/** Measures one figure over `calls` calls. */
type Measure = (figure: Figure, calls: number) => Promise<number>;
type Call = (turn: number) => Promise<unknown>;

async function latency(call: Call, count: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const begin = performance.now();
    await call(0);
    times.push(performance.now() - begin);
  }
  return (times.sort((a, b) => a - b)[Math.floor(count / 2)] ?? NaN) * 1000;
}

async function rate(call: Call, count: number): Promise<number> {
  const begin = performance.now();
  const work = async (turn: number): Promise<void> => {
    for (let i = 0; i < count / IN_FLIGHT; i++) await call(turn);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, (_, turn) => work(turn)));
  return (count / (performance.now() - begin)) * 1000;
}

function ours(client: Libvirt.Client, uuid: string): Measure {
  // A connection carries four calls at a time, so eight need both connections.
  const host = (turn: number) => (turn % 2 === 0 ? client.control : client.statistics);
  const info: Call = (turn) => host(turn).domain(uuid).getInfo();
  const bulk: Call = (turn) => host(turn).getAllDomainStats([], { stats: STATE, flags: 0 });
  return (figure, calls) => {
    const call = figure.startsWith('info') ? info : bulk;
    return figure.endsWith('Latency') ? latency(call, calls) : rate(call, calls);
  };
}

/** Starts the same calls in Python; throws if it has no libvirt. */
async function pythons(socket: string) {
  await run(PYTHON, ['-c', 'import libvirt']).catch((cause: unknown) => {
    throw new Error('python3-libvirt is missing', { cause });
  });
  const args = [pythonScript, `test+unix:///default?socket=${socket}`, 'bench-0'];
  const python = spawn(PYTHON, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(python.stdout)[Symbol.asyncIterator]();
  const measure: Measure = async (figure, calls) => {
    python.stdin.write(`${figure} ${calls}\n`);
    const line = await lines.next();
    if (line.done) throw new Error('python3-libvirt ended early; see its output');
    return Number(line.value);
  };
  return { measure, end: () => python.stdin.end() };
}

const domainXml = (name: string): string =>
  `<domain type='test'><name>${name}</name><memory>65536</memory><os><type>hvm</type></os></domain>`;

/** Alternates short rounds of both, so that disturbances of the machine affect both. */
async function alternate(mine: Measure, theirs: Measure, count: number) {
  const rounds: Record<Figure, Pair[]> = {
    infoLatency: [],
    infoRate: [],
    bulkLatency: [],
    bulkRate: [],
  };
  for (let i = -1; i < count; i++) {
    for (const figure of Object.keys(figures) as Figure[]) {
      const { calls } = figures[figure];
      const round = { ours: await mine(figure, calls), theirs: await theirs(figure, calls) };
      // The first round is a warm-up.
      if (i >= 0) rounds[figure].push(round);
    }
  }
  return rounds;
}

async function measure(socket: string, count: number): Promise<Record<Figure, Pair[]>> {
  const { Client } = await builtClient();
  const client = new Client({ uri: `test:///default?socket=${socket}` });
  await client.open();
  try {
    const made: string[] = [];
    for (let i = 0; i < DOMAINS; i++) {
      made.push((await client.control.domainCreateXML(domainXml(`bench-${i}`), 0)).uuid);
    }
    const python = await pythons(socket);
    const rounds = await alternate(ours(client, made[0] ?? ''), python.measure, count);
    python.end();
    return rounds;
  } finally {
    client.close();
  }
}

function rowOf(figure: Figure, rounds: readonly Pair[]): Row {
  const { name, unit } = figures[figure];
  return compared(`libvirt: ${name}`, unit, rounds, 'python3-libvirt');
}

/**
 * Times cheap and bulk calls to the test driver of a separate libvirtd, beside python3-libvirt in the same rounds.
 * Throws if there is no libvirtd, no root to start it, or no python3-libvirt.
 */
export async function benchLibvirt({
  quick,
}: {
  readonly quick: boolean;
}): Promise<readonly Row[]> {
  const rounds = await withLibvirtd((socket) => measure(socket, quick ? 3 : 50));
  return (Object.keys(figures) as Figure[]).map((figure) => rowOf(figure, rounds[figure]));
}
