import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

// A minimal WebSocket server in Node, for comparison with the daemon.
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (ws) => {
  ws.on('message', (data) => ws.send(data, { binary: false }));
});
server.on('listening', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.(`ws://127.0.0.1:${String(port)}`);
});
process.on('disconnect', () => process.exit());
