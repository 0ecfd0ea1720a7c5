import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WsClient } from '../tests/support/wsClient.ts';
import { build } from './build.ts';
import { createVms, SMALL } from './createVms.ts';
import { withDaemon } from './daemon.ts';
import { withLibvirtd } from './libvirtd.ts';
import { compared, type Pair, row, type Row } from './row.ts';
import { warm } from './settle.ts';

const GUESTS = 50;
/** Of Debian's package of that name, written in Go. */
const EXPORTER = '/usr/bin/prometheus-libvirt-exporter';

/**
 * Measures a scrape of 50 QEMU processes beside that of another exporter, which asks libvirt at each scrape; without it,
 * alone. Its short form has no figures.
 */
export async function benchExporter({
  quick,
}: {
  readonly quick: boolean;
}): Promise<readonly Row[]> {
  // Few guests would show nothing.
  if (quick) return [];
  await build();
  const plan = { guests: GUESTS, warmUp: 100, runs: 30 };
  return withLibvirtd(async (socket) => {
    const uri = `qemu:///system?socket=${socket}`;
    return withDaemon(
      async ({ url }) => {
        const client = await WsClient.connect(url);
        await createVms(client, plan.guests, 0, SMALL);
        await client.close();
        await warm(false);
        const ours = new URL('/metrics', url.replace(/^ws/, 'http'));
        return (await isThere(EXPORTER)) ?
            await withExporter(uri, (theirs) => besides(ours, theirs, plan))
          : await alone(ours, plan);
      },
      '--connect',
      uri,
    );
  });
}

interface Plan {
  readonly guests: number;
  /** Scrapes of each before they are measured: code is compiled, and the guests are known. */
  readonly warmUp: number;
  readonly runs: number;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const title = ({ guests }: Plan): string => `GET /metrics, ${String(guests)} QEMU guests`;

async function besides(ours: URL, theirs: URL, plan: Plan): Promise<readonly Row[]> {
  const pairs: Pair[] = [];
  let series = '';
  for (let run = -plan.warmUp; run < plan.runs; run++) {
    const [own, other] = [await scrape(ours), await scrape(theirs)];
    if (run >= 0) pairs.push({ ours: own.took, theirs: other.took });
    series = `${String(own.series)} series, the other's ${String(other.series)}`;
  }
  return [{ ...compared(title(plan), 'ms', pairs, 'prometheus-libvirt-exporter'), note: series }];
}

async function alone(ours: URL, plan: Plan): Promise<readonly Row[]> {
  const took: number[] = [];
  for (let run = -plan.warmUp; run < plan.runs; run++) {
    const { took: each } = await scrape(ours);
    if (run >= 0) took.push(each);
  }
  return [row(title(plan), 'ms', took, `${EXPORTER} is not installed: not run`)];
}

async function scrape(address: URL): Promise<{ readonly took: number; readonly series: number }> {
  const began = performance.now();
  const response = await fetch(address);
  const text = await response.text();
  const took = performance.now() - began;
  if (!response.ok) throw new Error(`${address.href}: ${String(response.status)}`);
  return { took, series: text.split('\n').filter((line) => /^[a-z]/.test(line)).length };
}

/** Runs the other exporter during `work`, which gets the address of its metrics. */
async function withExporter<T>(uri: string, work: (address: URL) => Promise<T>): Promise<T> {
  const address = `127.0.0.1:${String(await freePort())}`;
  const exporter = spawn(EXPORTER, [`--libvirt.uri=${uri}`, `--web.listen-address=${address}`], {
    stdio: 'ignore',
  });
  const ended = once(exporter, 'exit');
  try {
    const metrics = new URL(`http://${address}/metrics`);
    for (let tries = 100; tries > 0; tries--) {
      if (
        await scrape(metrics).then(
          () => true,
          () => false,
        )
      )
        break;
      await sleep(100);
    }
    return await work(metrics);
  } finally {
    exporter.kill();
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
