import { once } from 'node:events';
import { WebSocket } from 'ws';

/** The request, its target, how many are in flight, and for how long. */
export interface Job {
  readonly url: string;
  readonly method: string;
  readonly params: object;
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

async function run({ url, method, params, inFlight, seconds }: Job): Promise<Load> {
  const ws = new WebSocket(url);
  await once(ws, 'open');
  const texts = Array.from({ length: inFlight }, (_, id) =>
    JSON.stringify({ jsonrpc: '2.0', id, method, params }),
  );
  const sentAt = texts.map(() => 0);
  const took: number[] = [];
  const send = (id: number): void => {
    sentAt[id] = performance.now();
    ws.send(texts[id] ?? '');
  };
  const began = performance.now();
  const end = began + seconds * 1000;
  await new Promise<void>((resolve, reject) => {
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
  const elapsed = performance.now() - began;
  ws.terminate();
  took.sort((a, b) => a - b);
  const at = (share: number): number => (took[Math.floor(took.length * share)] ?? NaN) * 1000;
  return {
    count: took.length,
    perSecond: (took.length / elapsed) * 1000,
    median: at(0.5),
    p99: at(0.99),
  };
}
