import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type Load, loadOn } from '../load.ts';

/** The request, its target, connections, requests in flight on each, and for how long. */
export interface Job {
  readonly url: string;
  readonly method: string;
  readonly params: object;
  readonly connections: number;
  readonly inFlight: number;
  readonly seconds: number;
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
  const load = await loadOn(sockets, job.seconds, (ws, end, took) => drive(ws, job, end, took));
  for (const ws of sockets) ws.terminate();
  return load;
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
