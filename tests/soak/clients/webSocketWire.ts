import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { Exchange } from './exchange.ts';
import type { OpenWire } from './wire.ts';

const OPEN_TIMEOUT = 60_000;

/** A WebSocket with JSON-RPC. */
export const openWebSocket: OpenWire = async ({ place, isTls, books }) => {
  const { port, files } = place;
  const url = `${isTls ? 'wss' : 'ws'}://localhost:${String(port)}/`;
  const [ca, cert, key] = [files.ca, files.cert, files.key].map((file) => readFileSync(file));
  const socket = new WebSocket(url, isTls ? { ca, cert, key } : {});
  socket.on('error', () => undefined);
  await once(socket, 'open', { signal: AbortSignal.timeout(OPEN_TIMEOUT) }).catch(
    (error: unknown) => {
      socket.terminate();
      throw error;
    },
  );
  const exchange = new Exchange(books);
  let isOwn = false;
  socket.on('message', (data: Buffer) => {
    exchange.receive(data.toString());
  });
  socket.on('close', () => {
    exchange.end(isOwn);
  });
  const cut = (): void => {
    isOwn = true;
    socket.terminate();
  };
  return {
    get isOpen() {
      return socket.readyState === socket.OPEN;
    },
    sends: () => true,
    send(requests) {
      const { text, replies } = exchange.ask(requests);
      socket.send(text, () => undefined);
      return replies;
    },
    pause() {
      isOwn = true;
      socket.pause();
    },
    resume() {
      socket.resume();
    },
    cutWithin({ method, params, flowId }) {
      const text = JSON.stringify({ jsonrpc: '2.0', id: flowId, method, params, flow_id: flowId });
      socket.send(text.slice(0, text.length / 2), { fin: false }, cut);
    },
    cut,
    async close() {
      if (socket.readyState === socket.CLOSED) return;
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
};
