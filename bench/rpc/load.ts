import { once } from 'node:events';
import { WebSocket } from 'ws';

/** The request, its target, connections, requests in flight on each, and for how long. */
export interface Job {
  readonly url: string;
  readonly method: string;
  readonly params: object;
  readonly connections: number;
  readonly inFlight: number;
  readonly seconds: number;
}

/** The result of a load. */
export interface Load {
  /** Requests that were answered. */
  readonly count: number;
  readonly perSecond: number;
  /** Latency in microseconds: the median and the 99th percentile. */
  readonly median: number;
  readonly p99: number;
}

process.on('message', (job: Job) => {
  void run(job).then((load) => process.send?.(load));
});
process.on('disconnect', () => process.exit());

async function run(job: Job): Promise<Load> {
  const sockets = await Promise.all(
    Array.from({ length: job.connections }, async () => {
      const ws = new WebSocket(job.url);
      await once(ws, 'open');
      return ws;
    }),
  );
  const took: number[] = [];
  const began = performance.now();
  const end = began + job.seconds * 1000;
  await Promise.all(sockets.map((ws) => drive(ws, job, end, took)));
  const elapsed = performance.now() - began;
  for (const ws of sockets) ws.terminate();
  took.sort((a, b) => a - b);
  const at = (share: number): number => (took[Math.floor(took.length * share)] ?? NaN) * 1000;
  return {
    count: took.length,
    perSecond: (took.length / elapsed) * 1000,
    median: at(0.5),
    p99: at(0.99),
  };
}

/** Keeps requests in flight on a connection until `end`. */
function drive(
  ws: WebSocket,
  { method, params, inFlight }: Job,
  end: number,
  took: number[],
): Promise<void> {
  const texts = Array.from({ length: inFlight }, (_, id) =>
    JSON.stringify({ jsonrpc: '2.0', id, method, params }),
  );
  const sentAt = texts.map(() => 0);
  const send = (id: number): void => {
    sentAt[id] = performance.now();
    ws.send(texts[id] ?? '');
  };
  return new Promise<void>((resolve, reject) => {
    ws.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text.includes('"error"')) reject(new Error(text));
      const id = Number(/"id":(\d+)/.exec(text)?.[1]);
      const now = performance.now();
      took.push(now - (sentAt[id] ?? 0));
      if (now < end) send(id);
      else resolve();
    });
    texts.forEach((_, id) => {
      send(id);
    });
  });
}
