import { afterEach, expect, test } from '@jest/globals';
import { openPort, type Port } from '../../../src/server/port/port.ts';
import { openAdmission } from '../../support/access.ts';
import { silent } from '../../support/call.ts';
import { bodyOf, call, CONNECT, RawClient, request, startStomp, subscribe } from './harness.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const closes: (() => void)[] = [];

afterEach(() => {
  for (const close of closes.splice(0)) close();
});

/** Opens a port with a STOMP server. */
async function open(): Promise<Port> {
  const { endpoint, stop } = await startStomp();
  const port = await openPort({
    endpoints: [{ host: '127.0.0.1', port: 0 }],
    http: (socket) => socket.destroy(),
    stomp: (socket) => {
      endpoint.accept(socket, 'admin');
    },
    admission: openAdmission,
    log: silent,
    clock: new VirtualClock(),
  });
  closes.push(stop, () => {
    port.close();
  });
  return port;
}

test.each([1, 5, 1000])(
  'a session that arrives in pieces of %d bytes is detected as STOMP',
  async (size) => {
    const port = await open();
    const client = await RawClient.open(port.endpoints[0]?.port ?? 0);
    closes.push(() => {
      client.end();
    });
    const text = CONNECT + subscribe('replies', 's') + request(`[${call(1)}]`);
    for (let at = 0; at < text.length; at += size) {
      client.write(text.slice(at, at + size));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await client.frame()).toMatch(/^CONNECTED\n/);
    expect(bodyOf(await client.frame())).toEqual({ jsonrpc: '2.0', id: 1, result: true });
  },
);
