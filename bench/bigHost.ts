import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import XMLBuilder from 'fast-xml-builder';
import { XMLParser } from 'fast-xml-parser';
import { Gauge, Registry } from 'prom-client';
import { WebSocket } from 'ws';
import { WsClient } from '../tests/support/wsClient.ts';
import { build } from './build.ts';
import { cpuMs } from './cpu.ts';
import { createVms } from './createVms.ts';
import { type Daemon, withConfigured } from './daemon.ts';
import { compared, paired, row, type Row } from './row.ts';
import { settle } from './settle.ts';

/** So long is each answer asked for before it is measured. */
const WARM_UP_MS = 1000;

/** One large answer of the daemon. */
interface Answer {
  readonly name: string;
  /** Asks for it; returns what a peer's time for the same is measured with. */
  readonly ask: () => Promise<string>;
  /** Asks for it and does not look at it, as that would make another client of this process wait too. */
  readonly askOnly: () => Promise<unknown>;
  readonly peer: string;
  readonly peersWork: (answer: string) => unknown;
}

/** What the daemon needs for one answer, its peer for the same, and another client meanwhile, in milliseconds. */
interface Measured {
  readonly wall: number;
  readonly cpu: number;
  readonly peer: number;
  readonly longest: number;
}

/** Measures the answers about all VMs of a large host, beside what serializing the same alone takes. */
export async function benchBigHost({
  quick,
}: {
  readonly quick: boolean;
}): Promise<readonly Row[]> {
  await build();
  const plan = quick ? { count: 300, runs: 7, each: 10 } : { count: 1000, runs: 15, each: 5 };
  const measureAll = async ({ url, pid }: Daemon): Promise<readonly Row[]> => {
    const [client, other] = [await WsClient.connect(url), await WsClient.connect(url)];
    const asker = new WebSocket(url);
    await once(asker, 'open');
    await createVms(client, plan.count);
    await settle(quick);
    const rows: Row[] = [];
    for (const answer of answersOf(url, client, asker)) {
      const found: Measured[] = [];
      await warmUp(answer);
      for (let run = 0; run < plan.runs; run++)
        found.push(await measure(answer, { pid, other, each: plan.each }));
      rows.push(...rowsOf(`${answer.name}, ${String(plan.count)} VMs`, found, answer.peer));
    }
    asker.close();
    await Promise.all([client.close(), other.close()]);
    return rows;
  };
  return withConfigured((folder) => {
    // As on a real host: what the guests of a simulated one leave is computed guest by guest.
    copyFileSync('/proc/meminfo', join(folder, 'meminfo'));
    return `[policy]\nmeminfo_path = ${join(folder, 'meminfo')}\n`;
  }, measureAll);
}

const STRINGIFY = 'JSON.stringify';
const LIST = '/ovirt-engine/api/vms';

const answersOf = (url: string, client: WsClient, asker: WebSocket): readonly Answer[] => [
  ...['Host.getAllVmStats', 'Host.getOverview', 'Host.explainPolicy'].map((name) => ({
    name,
    ask: async () => JSON.stringify(await client.call(name)),
    askOnly: () => {
      asker.send(JSON.stringify({ jsonrpc: '2.0', method: name, id: 1 }));
      return once(asker, 'message');
    },
    peer: STRINGIFY,
    peersWork: stringifier(),
  })),
  {
    name: 'GET /api/vms, JSON',
    ...asking(page(url, LIST, { accept: 'application/json' })),
    peer: STRINGIFY,
    peersWork: stringifier(),
  },
  {
    name: 'GET /api/vms, XML',
    ...asking(page(url, LIST, { accept: 'application/xml' })),
    peer: 'fast-xml-builder, writing alone',
    peersWork: xmlBuilder(),
  },
  {
    name: 'GET /metrics',
    ...asking(page(url, '/metrics')),
    peer: 'prom-client, serializing alone',
    peersWork: promClient(),
  },
  {
    name: 'GET /metrics, compressed',
    ...asking(page(url, '/metrics', { 'accept-encoding': 'gzip' })),
    peer: 'prom-client, serializing and gzip',
    peersWork: compressing(promClient()),
  },
];

const asking = (ask: () => Promise<string>): Pick<Answer, 'ask' | 'askOnly'> => ({
  ask,
  askOnly: ask,
});

/** Returns what asks for a page, uncompressed unless the headers say so. */
function page(url: string, path: string, headers = {}): () => Promise<string> {
  const address = new URL(path, url.replace(/^ws/, 'http'));
  return async () => {
    const response = await fetch(address, {
      headers: { 'accept-encoding': 'identity', ...headers },
    });
    if (!response.ok) throw new Error(`${path}: ${String(response.status)}`);
    return response.text();
  };
}

/** Returns what stringifies the object of an answer, which is parsed once for all runs. */
function stringifier(): (answer: string) => unknown {
  let parsed: unknown;
  return (answer) => JSON.stringify((parsed ??= JSON.parse(answer)));
}

/** Returns what writes the elements of an answer, which is parsed once for all runs. */
function xmlBuilder(): (answer: string) => string {
  const form = { preserveOrder: true, ignoreAttributes: false };
  const builder = new XMLBuilder(form);
  let tree: unknown;
  return (answer) => builder.build((tree ??= new XMLParser(form).parse(answer)));
}

/** Returns what serializes as many series as a page has with prom-client, whose gauges are set before. */
function promClient(): (page: string) => Promise<string> {
  const registry = new Registry();
  let isFilled = false;
  return (page) => {
    if (!isFilled) fill(registry, page);
    isFilled = true;
    return registry.metrics();
  };
}

const compressing =
  (serialize: (page: string) => Promise<string>) =>
  async (text: string): Promise<Buffer> =>
    gzipSync(await serialize(text));

function fill(registry: Registry, page: string): void {
  const gauges = new Map<string, Gauge>();
  for (const [, name = '', labels = '', value] of page.matchAll(/^(\w+)\{(.*)\} (\S+)$/gm)) {
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(
      ([, key = '', text = '']) => [key, text] as const,
    );
    const gauge =
      gauges.get(name) ??
      new Gauge({ name, help: name, labelNames: pairs.map(([key]) => key), registers: [registry] });
    gauges.set(name, gauge);
    gauge.set(Object.fromEntries(pairs), Number(value));
  }
}

/** Has both compile their code. */
async function warmUp({ ask, peersWork }: Answer): Promise<void> {
  const end = performance.now() + WARM_UP_MS;
  while (performance.now() < end) await peersWork(await ask());
}

interface Plan {
  readonly pid: number;
  readonly other: WsClient;
  /** Answers of one run. */
  readonly each: number;
}

async function measure(answer: Answer, { pid, other, each }: Plan): Promise<Measured> {
  const [before, began] = [await cpuMs(pid), performance.now()];
  let text = '';
  for (let n = 0; n < each; n++) text = await answer.ask();
  const wall = (performance.now() - began) / each;
  const cpu = ((await cpuMs(pid)) - before) / each;
  const longest = await longestWait(answer, other);
  const start = process.cpuUsage();
  for (let n = 0; n < each; n++) await answer.peersWork(text);
  const { user, system } = process.cpuUsage(start);
  return { wall, cpu, peer: (user + system) / 1000 / each, longest };
}

/** Returns the longest that another client waits while the answer is made, in milliseconds. */
async function longestWait(answer: Answer, other: WsClient): Promise<number> {
  const state = { isDone: false };
  const answered = answer.askOnly().finally(() => {
    state.isDone = true;
  });
  let longest = 0;
  while (!state.isDone) {
    const began = performance.now();
    await other.call('Host.ping2');
    longest = Math.max(longest, performance.now() - began);
  }
  await answered;
  return longest;
}

function rowsOf(name: string, found: readonly Measured[], peer: string): readonly Row[] {
  const all = (of: keyof Measured) => found.map((each) => each[of]);
  return [
    compared(`${name}, CPU`, 'ms', paired(all('cpu'), all('peer')), peer),
    row(name, 'ms', all('wall')),
    row(`${name}, longest wait of another client`, 'ms', all('longest')),
  ];
}
