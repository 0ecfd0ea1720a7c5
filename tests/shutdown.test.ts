import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { freePort } from './support/freePort.ts';
import { makePki, type Pki } from './support/pki.ts';

const root = join(import.meta.dirname, '..');

let pki: Pki;
let child: ChildProcess;
let port: number;
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  pki = await makePki();
  port = await freePort();
  const args = ['--import', 'tsx', 'src/main.ts', '--connect', 'simulated', '--pki', pki.folder];
  child = spawn(process.execPath, [...args, '--listen', `127.0.0.1:${String(port)}`], {
    cwd: root,
    stdio: 'ignore',
    env: { PATH: process.env['PATH'] },
  });
  while (!(await isServed())) await new Promise((resolve) => setTimeout(resolve, 50));
});

afterEach(() => {
  child.kill('SIGKILL');
  for (const socket of sockets) socket.destroy();
  pki.remove();
});

async function isServed(): Promise<boolean> {
  if (child.exitCode !== null) throw new Error('vmemd ended');
  const response = await fetch(`http://127.0.0.1:${String(port)}/healthz`).catch(() => undefined);
  return response?.status === 200;
}

/** Opens a connection that never closes its end, and sends these bytes. */
async function send(bytes: string | Buffer): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

/** Sends these bytes and waits for the begin of a reply. */
async function sendForReply(bytes: string): Promise<Socket> {
  const socket = await send(bytes);
  await once(socket, 'readable');
  return socket;
}

/** A WebSocket frame of a client, masked with zeros. */
const wsFrame = (firstByte: number, payload: string): Buffer =>
  Buffer.concat([
    Buffer.from([firstByte, 0x80 | payload.length, 0, 0, 0, 0]),
    Buffer.from(payload),
  ]);

const host = 'Host: localhost\r\n';
const upgrade = (path: string): string =>
  `GET ${path} HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';
const list = `GET /ovirt-engine/api/vms HTTP/1.1\r\n${host}\r\n`;
const connectFrame = 'CONNECT\naccept-version:1.2\n\n\0';
const discover = '{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}';
const part = 0x01;
const binary = 0x82;

const clients: Readonly<Record<string, () => Promise<unknown>>> = {
  'sends nothing': () => send(''),
  'begins a TLS handshake': () => send(Buffer.from([0x16, 3, 1, 0, 200, 1])),
  'begins a request head': () => send('GET /hea'),
  'pipelines requests and resets the connection': async () => {
    for (let i = 0; i < 3; i++) (await sendForReply(list.repeat(3000))).resetAndDestroy();
  },
  'pipelines requests and reads no response': () => sendForReply(list.repeat(3000)),
  'keeps its end open after a refused upgrade': () => sendForReply(upgrade('/other')),
  'does not reply to the close of its WebSocket': () => sendForReply(upgrade('/')),
  'begins a WebSocket message': async () => {
    (await sendForReply(upgrade('/'))).write(wsFrame(part, '{'));
  },
  'does not reply to the close after a binary message': async () => {
    (await sendForReply(upgrade('/'))).write(wsFrame(binary, 'x'));
  },
  'begins a STOMP frame': () => sendForReply(`${connectFrame}SEND\ncontent-length:9\n\nx`),
  'keeps its end open after DISCONNECT': () => sendForReply(`${connectFrame}DISCONNECT\n\n\0`),
  'reads no STOMP replies': () =>
    sendForReply(
      connectFrame +
        'SUBSCRIBE\nid:1\ndestination:jms.topic.vdsm_responses\n\n\0' +
        `SEND\ndestination:jms.topic.vdsm_requests\n\n${discover}\0`.repeat(70),
    ),
};

test.each(Object.keys(clients))(
  'SIGTERM ends vmemd with 0 while a client %s',
  async (kind) => {
    await clients[kind]?.();
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  },
  60_000,
);
