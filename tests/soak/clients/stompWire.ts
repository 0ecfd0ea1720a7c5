import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Request } from './books.ts';
import { Exchange } from './exchange.ts';
import { frame, Frames } from './frames.ts';
import type { OpenWire } from './wire.ts';

const REQUESTS = 'jms.topic.vdsm_requests';
const RESPONSES = 'jms.topic.vdsm_responses';
const EVENTS = 'jms.queue.events';
const OPEN_TIMEOUT = 60_000;

const sending = (body: string, flowId: string): string =>
  frame(
    'SEND',
    [
      `destination:${REQUESTS}`,
      `reply-to:${RESPONSES}`,
      `ovirtCorrelationId:${flowId}`,
      `content-length:${String(Buffer.byteLength(body))}`,
    ],
    body,
  );

/** A STOMP connection as VDSM's clients make it, with all events. */
export const openStomp: OpenWire = async ({ place, isTls, books }) => {
  const { port, files } = place;
  const [ca, cert, key] = [files.ca, files.cert, files.key].map((file) => readFileSync(file));
  const socket =
    isTls ? connectTls({ host: 'localhost', port, ca, cert, key }) : connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const signal = AbortSignal.timeout(OPEN_TIMEOUT);
  await once(socket, isTls ? 'secureConnect' : 'connect', { signal }).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  const exchange = new Exchange(books);
  const frames = new Frames();
  let isOwn = false;
  socket.on('data', (chunk: Buffer) => {
    for (const { command, body } of frames.read(chunk)) {
      if (command === 'MESSAGE') exchange.receive(body);
      else if (command === 'ERROR') books.wrong(`STOMP ERROR: ${body}`);
    }
  });
  socket.on('close', () => {
    exchange.end(isOwn);
  });
  const cut = (): void => {
    isOwn = true;
    socket.destroy();
  };
  socket.write(frame('CONNECT', ['accept-version:1.2', 'heart-beat:0,5000']));
  for (const destination of [RESPONSES, EVENTS]) {
    socket.write(
      frame('SUBSCRIBE', [`destination:${destination}`, `id:${destination}`, 'ack:auto']),
    );
  }
  return {
    get isOpen() {
      return !socket.destroyed && socket.writable;
    },
    sends: () => true,
    send(requests) {
      const { text, replies } = exchange.ask(requests);
      socket.write(sending(text, requests[0]?.flowId ?? ''));
      return replies;
    },
    pause() {
      isOwn = true;
      socket.pause();
    },
    resume() {
      socket.resume();
    },
    cutWithin({ method, params, flowId }: Request) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: flowId, method, params });
      const bytes = sending(body, flowId);
      socket.write(bytes.slice(0, -2), cut);
    },
    cut,
    async close() {
      if (socket.closed) return;
      const closed = once(socket, 'close');
      socket.write(frame('DISCONNECT', []));
      socket.end();
      await closed;
    },
  };
};
