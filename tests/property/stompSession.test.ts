import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { systemClock, type Clock } from '../../src/common/clock.ts';
import { EventBus } from '../../src/jsonrpc/eventBus.ts';
import {
  bodyOf,
  call,
  CONNECT,
  frame,
  JAVA_CONNECT,
  RawClient,
  request,
  startStomp,
  subscribe,
  type StompServer,
} from '../server/stomp/harness.ts';
import { assertProperty } from '../support/property.ts';
import { until } from '../support/until.ts';

/** A clock that knows how many of its timers are pending. */
function countingClock(): Clock & { readonly pending: number } {
  const pending = new Set<object>();
  return {
    now: () => systemClock.now(),
    wallTime: () => systemClock.wallTime(),
    get pending() {
      return pending.size;
    },
    after(delay, run) {
      const token = {};
      pending.add(token);
      const cancel = systemClock.after(delay, () => {
        pending.delete(token);
        run();
      });
      return () => {
        pending.delete(token);
        cancel();
      };
    },
  };
}

/** A bus that knows how many connections are open on it. */
function countingBus() {
  const bus = new EventBus();
  const open = new Set<object>();
  return {
    open,
    events: {
      open(send: (text: string) => void) {
        const subscriptions = bus.open(send);
        open.add(subscriptions);
        const { close } = subscriptions;
        return Object.assign(subscriptions, {
          close: () => {
            open.delete(subscriptions);
            close();
          },
        });
      },
    },
  };
}

const clock = countingClock();
const bus = countingBus();
/** The server's ends of connections; other tests of the same process may have left some of their own. */
const accepted = new Set<Socket>();
let server: StompServer;
let witness: RawClient;

beforeAll(async () => {
  server = await startStomp(undefined, { clock, events: bus.events });
  server.server.on('connection', (socket) => {
    accepted.add(socket);
    socket.once('close', () => accepted.delete(socket));
  });
  witness = await RawClient.open(server.port);
  witness.write(frame('CONNECT', { 'accept-version': '1.2' }) + subscribe('replies', 'w'));
  await witness.frame();
});
afterAll(() => {
  witness.end();
  server.stop();
});

async function expectService(): Promise<void> {
  witness.write(request(call(1)));
  expect(bodyOf(await witness.frame())).toEqual({ jsonrpc: '2.0', id: 1, result: true });
}

const session = Buffer.from(
  CONNECT + subscribe('replies', 's') + request(call(1)) + frame('UNSUBSCRIBE', { id: 's' }),
);

test('garbage at any byte of a session ends at most that session', async () => {
  const garbage = fc.uint8Array({ minLength: 1, maxLength: 300 });
  const at = fc.nat({ max: session.length });
  await assertProperty(
    fc.asyncProperty(garbage, at, async (bytes, from) => {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => undefined).resume();
      socket.end(Buffer.concat([session.subarray(0, from), bytes, session.subarray(from)]));
      await once(socket, 'close');
      await expectService();
    }),
    { seconds: 3 },
  );
});

const ways: readonly ((client: RawClient) => Promise<void>)[] = [
  async () => undefined,
  async (client) => {
    client.write(CONNECT + subscribe('jms.queue.events', 'e') + request(call(1)));
    await client.frame();
  },
  async (client) => {
    client.write(frame('CONNECT', { 'accept-version': '1.2', 'heart-beat': '1000,1000' }));
    await client.frame();
  },
  async (client) => {
    client.write(JAVA_CONNECT + subscribe('replies', 'r') + request(call(1)).repeat(3));
    await client.frame();
  },
  async (client) => {
    client.write('nonsense');
    await client.frame();
  },
  async (client) => {
    client.write(CONNECT + CONNECT + frame('DISCONNECT'));
    await client.closed;
  },
  async (client) => {
    client.write(subscribe('replies', 'r') + request(call(1)).slice(0, -5));
  },
];

test('1000 connects and disconnects of all kinds leave no connection or timer', async () => {
  const left = () => [clock.pending, bus.open.size, accepted.size];
  // those of the witness
  await until(() => bus.open.size === 1 && accepted.size === 1);
  const before = left();
  for (let i = 0; i < 1000; i += 20) {
    const batch = Array.from({ length: 20 }, async (_, j) => {
      const client = await RawClient.open(server.port);
      await ways[(i + j) % ways.length]?.(client);
      client.end();
      await client.closed;
    });
    await Promise.all(batch);
  }
  await until(() => String(left()) === String(before)).catch(() => undefined);
  expect(left()).toEqual(before);
  await expectService();
});
