import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { far, longest, newcomer } from '../service/newcomer.ts';
import { openFiles, Service } from '../service/service.ts';
import { plainFrame } from '../stompFrames.ts';
import type { Target, Verdict } from '../target.ts';
import { UPGRADE } from '../webSocketFrames.ts';
import { CLIENT_HELLO } from './tls.ts';

interface Idle {
  /** Whether it comes from another machine, with a certificate. */
  readonly isInTls?: boolean;
  /** Whether it comes from another machine, where there is one. */
  readonly isFar?: boolean;
  readonly first?: string;
}

const GET = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
const CONNECT = plainFrame('CONNECT', ['accept-version:1.2', 'heart-beat:0,0']);

const KINDS: Readonly<Record<string, Idle>> = {
  'TCP from this machine': {},
  'TCP from another machine': { isFar: true },
  'TLS that stops in its handshake': { isFar: true, first: CLIENT_HELLO },
  'TLS without a request': { isInTls: true },
  'HTTP with a certificate': { isInTls: true, first: GET },
  'WebSocket with a certificate': { isInTls: true, first: UPGRADE },
  'STOMP with a certificate': { isInTls: true, first: CONNECT },
  'HTTP from this machine': { first: GET },
  'WebSocket from this machine': { first: UPGRADE },
  'STOMP from this machine': { first: CONNECT },
};

const [SHORT, LONG] = [500, 5000];
const AT_ONCE = 100;
const NEWCOMERS = 5;

/** Thousands of idle connections of each kind: a newcomer gets in at once, and nothing remains when they have gone. */
export const idle: Target<string> = {
  name: 'idle',
  weight: 0,
  make: (random) => random.pick(Object.keys(KINDS)),
  all: Object.keys(KINDS),
  async open({ isLong }) {
    const service = await Service.open({ isWitnessed: false });
    const count = isLong ? LONG : SHORT;
    let most = 0;
    return {
      judge: async (name) => {
        const sockets = await openAll(name, count, service);
        most = Math.max(most, openFiles(service.pid));
        const verdict = await welcomed(service);
        for (const socket of sockets) socket.destroy();
        return verdict;
      },
      async close() {
        const { wrong, figures } = await service.close();
        const own = [
          `${String(count)} of each`,
          `newcomers within ${longest.withCertificate.toFixed(0)} ms with a certificate and ${longest.ofThisMachine.toFixed(0)} ms of this machine`,
          `at most ${String(most)} open files`,
        ];
        return { wrong, figures: [...own, ...figures] };
      },
    };
  },
};

async function welcomed(service: Service): Promise<Verdict> {
  for (let n = 0; n < NEWCOMERS; n++) {
    const verdict = await newcomer(service);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

async function openAll(name: string, count: number, service: Service): Promise<Socket[]> {
  const kind = KINDS[name] ?? {};
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - sockets.length) }, () =>
      openOne(kind, service),
    );
    sockets.push(...(await Promise.all(some)));
  }
  return sockets;
}

async function openOne(
  { isInTls = false, isFar = isInTls, first }: Idle,
  service: Service,
): Promise<Socket> {
  const { port } = service;
  const { host } = isFar ? far() : { host: '127.0.0.1' };
  const options: ConnectionOptions = {
    ...service.pki.client,
    checkServerIdentity: () => undefined,
  };
  const socket = isInTls ? connect({ host, port, ...options }) : connectTcp({ host, port });
  socket.on('error', () => undefined).on('end', () => socket.destroy());
  // vmemd may close it at any time
  await once(socket, isInTls ? 'secureConnect' : 'connect', {
    signal: AbortSignal.timeout(20_000),
  }).catch(() => undefined);
  if (first === undefined || !socket.writable) return socket;
  socket.write(Buffer.from(first, 'latin1'));
  await Promise.race([once(socket, 'data'), once(socket, 'close'), once(socket, 'error')]).catch(
    () => undefined,
  );
  return socket;
}
