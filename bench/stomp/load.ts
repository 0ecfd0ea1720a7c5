import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Load, loadOn } from '../load.ts';
import { hello, request } from './frames.ts';
import type { Identity } from './listen.ts';

/** The target, the number of connections, requests in flight on each, and for how long. */
export interface Job {
  readonly port: number;
  /** Identity for TLS; plain without one. */
  readonly identity?: Identity;
  readonly connections: number;
  readonly inFlight: number;
  readonly seconds: number;
}

process.on('message', (job: Job) => {
  void run(job).then((load) => process.send?.(load));
});
process.on('disconnect', () => process.exit());

async function run({ port, identity, connections, inFlight, seconds }: Job): Promise<Load> {
  const sockets = await Promise.all(
    Array.from({ length: connections }, () => open(port, identity)),
  );
  const load = await loadOn(sockets, seconds, (socket, end, took) =>
    drive(socket, inFlight, end, took),
  );
  for (const socket of sockets) socket.destroy();
  return load;
}

async function open(port: number, identity?: Identity): Promise<Socket> {
  const address = { host: '127.0.0.1', port };
  const socket = identity ? connectTls({ ...address, ...identity }) : connect(address);
  await once(socket, identity ? 'secureConnect' : 'connect');
  socket.setNoDelay(true);
  socket.write(hello);
  await once(socket, 'data');
  return socket;
}

/** Keeps `inFlight` requests in flight until `end`; replies arrive in the order of the requests. */
function drive(socket: Socket, inFlight: number, end: number, took: number[]): Promise<void> {
  const sentAt: number[] = [];
  const send = (count: number, now: number): void => {
    // Each in its own write, as independent callers send them.
    for (let i = 0; i < count; i++) {
      sentAt.push(now);
      socket.write(request);
    }
  };
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.once('data', (first: Buffer) => {
      if (!first.includes('"result":true')) reject(new Error(`no answer: ${first.toString()}`));
    });
    socket.on('data', (chunk: Buffer) => {
      const now = performance.now();
      let replies = 0;
      for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, at + 1)) {
        took.push(now - (sentAt.shift() ?? now));
        replies++;
      }
      if (now >= end) resolve();
      else if (replies > 0) send(replies, now);
    });
    send(inFlight, performance.now());
  });
}
