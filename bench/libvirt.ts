import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, statsGroup } from '../src/libvirt/index.ts';
import { row, type Row } from './row.ts';

const run = promisify(execFile);
const daemonScript = join(import.meta.dirname, '../scripts/libvirtd.sh');
const pythonScript = join(import.meta.dirname, 'python3-libvirt.py');
/** Debian's own, for which python3-libvirt is packaged. */
const PYTHON = '/usr/bin/python3';
const IN_FLIGHT = 8;
const DOMAINS = 50;

interface Figures {
  /** Medians in µs, one call in flight. */
  readonly infoLatency: number;
  readonly bulkLatency: number;
  /** Calls a second, eight in flight. */
  readonly infoRate: number;
  readonly bulkRate: number;
}

interface Effort {
  readonly runs: number;
  readonly calls: number;
  readonly bulkCalls: number;
}

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

async function ours(client: Client, uuid: string, effort: Effort): Promise<Figures> {
  // A connection carries four calls at a time, so eight go over both.
  const host = (turn: number) => (turn % 2 === 0 ? client.control : client.statistics);
  const info: Call = (turn) => host(turn).domain(uuid).getInfo();
  const bulk: Call = (turn) =>
    host(turn).getAllDomainStats([], { stats: statsGroup.state, flags: 0 });
  for (let i = 0; i < effort.calls / 10; i++) await info(0);
  return {
    infoLatency: await latency(info, effort.calls),
    infoRate: await rate(info, effort.calls),
    bulkLatency: await latency(bulk, effort.bulkCalls),
    bulkRate: await rate(bulk, effort.bulkCalls),
  };
}

async function hasPython(): Promise<boolean> {
  try {
    await run(PYTHON, ['-c', 'import libvirt']);
    return true;
  } catch {
    return false;
  }
}

async function pythons(socket: string, effort: Effort): Promise<Figures> {
  const uri = `test+unix:///default?socket=${socket}`;
  const counts = [effort.calls, effort.bulkCalls].map(String);
  const { stdout } = await run(PYTHON, [pythonScript, uri, 'bench-0', ...counts]);
  return JSON.parse(stdout) as Figures;
}

const domainXml = (name: string): string =>
  `<domain type='test'><name>${name}</name><memory>65536</memory><os><type>hvm</type></os></domain>`;

async function measure(socket: string, effort: Effort) {
  const client = new Client({ uri: `test:///default?socket=${socket}` });
  await client.open();
  try {
    const made: string[] = [];
    for (let i = 0; i < DOMAINS; i++) {
      made.push((await client.control.createXml(domainXml(`bench-${i}`), 0)).uuid);
    }
    const beside = await hasPython();
    const rounds: { ours: Figures; python: Figures | undefined }[] = [];
    for (let i = 0; i < effort.runs; i++) {
      const mine = await ours(client, made[0] ?? '', effort);
      rounds.push({ ours: mine, python: beside ? await pythons(socket, effort) : undefined });
    }
    return rounds;
  } finally {
    client.close();
  }
}

const wanted: readonly (readonly [keyof Figures, string, string])[] = [
  ['infoLatency', 'getInfo, 1 in flight', 'µs'],
  ['infoRate', `getInfo, ${IN_FLIGHT} in flight`, 'calls/s'],
  ['bulkLatency', `state of ${DOMAINS + 1} domains, 1 in flight`, 'µs'],
  ['bulkRate', `state of ${DOMAINS + 1} domains, ${IN_FLIGHT} in flight`, 'calls/s'],
];

function rows(rounds: Awaited<ReturnType<typeof measure>>): Row[] {
  return wanted.flatMap(([key, name, unit]) => {
    const mine = rounds.map((round) => round.ours[key]);
    const pairs = rounds.flatMap(({ ours: a, python: b }) =>
      b ? [[a[key], b[key]] as const] : [],
    );
    const own = row(`libvirt: ${name}`, unit, mine);
    if (pairs.length === 0) return [{ ...own, note: 'python3-libvirt is not installed' }];
    return [
      own,
      row(
        `python3-libvirt: ${name}`,
        unit,
        pairs.map(([, python]) => python),
      ),
      row(
        `beside python3-libvirt: ${name}`,
        '×',
        pairs.map(([a, b]) => a / b),
      ),
    ];
  });
}

/**
 * Cheap and bulk calls on a test driver in a libvirtd of its own, beside python3-libvirt in the same rounds.
 * Throws where there is no libvirtd, or no root to start it.
 */
export async function benchLibvirt({
  quick,
}: {
  readonly quick: boolean;
}): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'vmemd-bench-'));
  try {
    const { stdout } = await run(daemonScript, ['start', folder]);
    const effort =
      quick ?
        { runs: 3, calls: 4000, bulkCalls: 400 }
      : { runs: 9, calls: 20_000, bulkCalls: 2000 };
    return rows(await measure(stdout.trim(), effort));
  } finally {
    await run(daemonScript, ['stop', folder]).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}
