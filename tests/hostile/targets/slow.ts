import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { setTimeout as pause } from 'node:timers/promises';
import { Service } from '../service/service.ts';
import { newcomer } from '../service/newcomer.ts';
import { plainFrame } from '../stompFrames.ts';
import type { Target, Verdict } from '../target.ts';
import { frame, UPGRADE } from '../webSocketFrames.ts';
import { CLIENT_HELLO } from './tls.ts';

/** A client that holds its connection by doing something slowly or not at all. */
interface Slow {
  /** What it sends at once. */
  readonly first?: string;
  /** What it sends byte by byte, one each 500 ms. */
  readonly slowly?: string;
  /** Whether it performs a TLS handshake before. */
  readonly isInTls?: boolean;
  /** Whether it reads nothing. */
  readonly isDeaf?: boolean;
  /** How long vmemd may keep it, in seconds. */
  readonly most: number;
}

const LONG_BODY =
  'PUT /api/vms/00000000-0000-4000-8000-00000000de30 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{';
const MANY = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n';
const ECHO = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'Host.echo',
  params: ['x'.repeat(400_000)],
});
const CONNECT = plainFrame('CONNECT', ['accept-version:1.2']);
const SUBSCRIBE = plainFrame('SUBSCRIBE', [
  'destination:jms.topic.vdsm_responses',
  'id:1',
  'ack:auto',
]);
const SEND_ECHO = plainFrame('SEND', ['destination:jms.topic.vdsm_requests'], ECHO);
const a = 'a'.repeat(1000);

const SLOW: Readonly<Record<string, Slow>> = {
  'sends nothing': { most: 15 },
  'sends empty lines and its first word byte by byte': {
    slowly: `\r\n\r\n\r\n\r\n\r\n\r\nGET ${a}`,
    most: 30,
  },
  'sends a TLS handshake byte by byte': { slowly: CLIENT_HELLO, most: 15 },
  'stops in its TLS handshake': { first: CLIENT_HELLO.slice(0, 100), most: 15 },
  'sends nothing after its TLS handshake': { isInTls: true, most: 15 },
  'sends the header of a request byte by byte': {
    first: 'GET ',
    slowly: `/ HTTP/1.1\r\nA: ${a}`,
    most: 20,
  },
  'sends headers line by line in TLS': {
    isInTls: true,
    first: 'GET / HTTP/1.1\r\n',
    slowly: 'a:\r\n'.repeat(200),
    most: 20,
  },
  'sends the upgrade to WebSocket byte by byte': {
    first: 'GET /',
    slowly: UPGRADE.slice(5),
    most: 20,
  },
  'sends the body of a request byte by byte': {
    first: LONG_BODY,
    slowly: ' '.repeat(400),
    most: 45,
  },
  'sends a chunk byte by byte': {
    first: LONG_BODY.replace('Content-Length: 500', 'Transfer-Encoding: chunked').replace(
      /\{$/,
      'ff\r\n',
    ),
    slowly: ' '.repeat(400),
    most: 45,
  },
  'sends a frame of STOMP byte by byte': { first: CONNECT + 'SEND\n', slowly: `a:${a}`, most: 40 },
  'sends the body of a STOMP frame byte by byte in TLS': {
    isInTls: true,
    first: `${CONNECT}SEND\ncontent-length:900\n\n`,
    slowly: a,
    most: 40,
  },
  'promises heart-beats of STOMP and sends none': {
    first: plainFrame('CONNECT', ['accept-version:1.2', 'heart-beat:1000,0']),
    most: 10,
  },
  'sends a message of WebSocket byte by byte': {
    first: UPGRADE,
    slowly: frame({ opcode: 1, payload: a }),
    most: 40,
  },
  'begins a message of WebSocket and sends pings': {
    first: UPGRADE + frame({ opcode: 1, isFinal: false, payload: '[' }),
    slowly: frame({ opcode: 9, payload: '' }).repeat(60),
    most: 40,
  },
  'keeps an HTTP connection without a further request': { first: MANY, most: 15 },
  'reads none of its responses': { first: MANY.repeat(95), isDeaf: true, most: 45 },
  'reads none of its replies over WebSocket': {
    first: UPGRADE + frame({ opcode: 1, payload: ECHO }).repeat(60),
    isDeaf: true,
    most: 45,
  },
  'reads none of its replies over STOMP': {
    first: CONNECT + SUBSCRIBE + SEND_ECHO.repeat(60),
    isDeaf: true,
    most: 45,
  },
};

/** How many clients are slow in each way at the same time. */
const EACH = 3;
/** Time for what was received before the end of a connection. */
const LEARN_MS = 3000;

/** Slow clients: each is disconnected in time, and newcomers get in meanwhile. */
export const slow: Target<string> = {
  name: 'slow',
  weight: 0,
  make: (random) => random.pick(Object.keys(SLOW)),
  all: Object.keys(SLOW),
  async open() {
    const service = await Service.open({ isWitnessed: false });
    return {
      width: Object.keys(SLOW).length,
      judge: async (name) => tried(name, service),
      close: () => service.close(),
    };
  },
};

async function tried(name: string, service: Service): Promise<Verdict> {
  const way = SLOW[name];
  if (!way) return `there is no ${name}`;
  const sockets = Array.from({ length: EACH }, () => open(way, service));
  const end = performance.now() + way.most * 1000;
  while (performance.now() < end && sockets.some((socket) => !socket.destroyed)) {
    await pause(1000);
    const late = await newcomer(service);
    if (late !== undefined) return `while a client ${name}, ${late}`;
  }
  // one that has read nothing learns only now that it was disconnected
  for (const socket of sockets) socket.resume();
  await pause(LEARN_MS);
  const kept = sockets.filter((socket) => !socket.destroyed);
  for (const socket of kept) socket.destroy();
  return kept.length > 0 ?
      `a client that ${name} is still connected after ${String(way.most)} s`
    : undefined;
}

function open(way: Slow, service: Service): Socket {
  const options: ConnectionOptions = {
    ...service.pki.client,
    checkServerIdentity: () => undefined,
  };
  const { port } = service;
  const socket =
    way.isInTls === true ?
      connect({ port, host: '127.0.0.1', ...options })
    : connectTcp(port, '127.0.0.1');
  socket.on('error', () => undefined).on('end', () => socket.destroy());
  socket.once(way.isInTls === true ? 'secureConnect' : 'connect', () => void send(socket, way));
  if (way.isDeaf !== true) socket.resume();
  return socket;
}

async function send(socket: Socket, { first = '', slowly = '' }: Slow): Promise<void> {
  if (first !== '') socket.write(Buffer.from(first, 'latin1'));
  for (const byte of slowly) {
    if (!socket.writable) return;
    await pause(500);
    socket.write(Buffer.from(byte, 'latin1'));
  }
}
