import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Clock } from '../../../src/common/clock.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import type { StompOptions } from '../../../src/server/stomp/endpoint.ts';
import { JavaReader } from '../../support/javaReader.ts';
import type { Handle } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { VirtualClock } from '../../support/virtualClock.ts';
import {
  bodyOf,
  call,
  frame,
  JAVA_CONNECT,
  listen,
  request,
  startStomp,
  subscribe,
  type StompServer,
} from './harness.ts';

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A verb that publishes as many events as the creation of 20 VMs before it returns. */
const bustle =
  (server: () => StompServer): Handle =>
  (params) => {
    for (let i = 0; i < 20; i++) {
      server().events.publish(`|virt|VM_status|${String(i)}`, { notify_time: i });
    }
    return params;
  };

/**
 * A clock on which a millisecond passes with each turn of the event loop: the client, which shares it, reads as soon as in
 * a process of its own, however long the process stands still.
 */
function turningClock(): Clock {
  const clock = new VirtualClock();
  const over = new AbortController();
  stops.push(() => {
    over.abort();
  });
  void (async () => {
    while (!over.signal.aborted) await clock.advance(Milliseconds(1));
  })();
  return clock;
}

async function start(options: Partial<StompOptions> = {}): Promise<StompServer> {
  const server: StompServer = await startStomp(
    { bustle: bustle(() => server) },
    { clock: turningClock(), ...options },
  );
  stops.push(server.stop);
  return server;
}

/** A client that reads as the engine's does and sends given frames. */
class JavaClient {
  readonly reader = new JavaReader();
  readonly chunks: string[] = [];
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    stops.push(() => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk.toString());
      this.reader.arrive(chunk);
    });
  }

  /** Sends each frame in a write of its own, as the engine's client does. */
  write(...frames: readonly string[]): void {
    for (const each of frames) this.#socket.write(each);
  }

  /** All received frames, parsed or not. */
  get arrived(): number {
    return this.chunks.join('').split('\0').length - 1;
  }

  async until(isDone: () => boolean): Promise<void> {
    await until(() => {
      if (this.reader.dropped !== undefined) throw new Error(this.reader.dropped);
      return isDone();
    });
  }

  get bodies(): readonly unknown[] {
    return this.reader.frames.filter((each) => each.startsWith('MESSAGE')).map(bodyOf);
  }
}

const responses = 'jms.topic.vdsm_responses';
const EVENTS = subscribe('jms.queue.events', 'd2c4e6f8-1a3b-4c5d-8e7f-9a0b1c2d3e4f');
const RESPONSES = subscribe(responses, 'b5a1d3c2-7e4f-4d8a-9b60-0c1e2f3a4b52');
const requests = [1, 2, 3].map((id) =>
  request(call(`id${String(id)}`, 'bustle', { id }), { 'reply-to': responses }),
);

async function open({ port }: StompServer): Promise<JavaClient> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.setNoDelay(true);
  return new JavaClient(socket);
}

describe.each([
  ['CONNECT first', [JAVA_CONNECT, EVENTS, RESPONSES]],
  ['CONNECT last', [RESPONSES, EVENTS, JAVA_CONNECT]],
  ['CONNECT between', [EVENTS, JAVA_CONNECT, RESPONSES]],
  ['CONNECT lost', [EVENTS, RESPONSES]],
])('the engine over plain TCP, %s', (_, frames) => {
  test('60 events and 3 replies in one burst reach it without a heart-beat', async () => {
    const client = await open(await start());
    client.write(...frames, ...requests);
    await client.until(() => client.bodies.length === 63);
    expect(client.bodies).toContainEqual({ jsonrpc: '2.0', id: 'id3', result: { id: 3 } });
    for (const each of client.reader.frames) {
      if (each.startsWith('MESSAGE')) expect(Buffer.byteLength(each)).toBeGreaterThanOrEqual(1023);
    }
  });
});

test('the same client stalls without pacing', async () => {
  // without heart-beats
  const client = await open(await start({ clock: new VirtualClock() }));
  const stranger = frame('CONNECT', { 'accept-version': '1.2', 'heart-beat': '0,15000' });
  client.write(stranger, EVENTS, RESPONSES);
  await client.until(() => client.arrived === 1);
  client.write(...requests.slice(0, 1));
  await client.until(() => client.arrived === 22);
  expect(client.bodies.length).toBeLessThan(21);
  expect(client.reader.stuck).toBeGreaterThan(0);
});

test('waiting frames are sent at once when the client proves to be another', async () => {
  // paced frames wait for the clock, which stands still
  const client = await open(await start({ clock: new VirtualClock() }));
  client.write(EVENTS + RESPONSES + requests.join(''));
  await client.until(() => client.arrived > 0);
  const seen = client.arrived;
  client.write(frame('CONNECT', { 'accept-version': '1.2' }));
  await client.until(() => client.arrived === 64);
  expect(client.chunks.length - seen).toBeLessThan(20);
});

test('in TLS every frame has its own record and no padding', async () => {
  const server = await start();
  const ciphers = 'PSK-AES128-GCM-SHA256';
  const psk = { psk: Buffer.alloc(16, 1), identity: 'test' };
  const tls = createTlsServer(
    { ciphers, maxVersion: 'TLSv1.2', pskCallback: () => psk.psk },
    (socket) => server.endpoint.accept(socket, 'admin'),
  );
  const { port, stop } = await listen(tls);
  stops.push(stop);
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    ciphers,
    maxVersion: 'TLSv1.2',
    checkServerIdentity: () => undefined,
    pskCallback: () => psk,
  });
  await once(socket, 'secureConnect');
  const client = new JavaClient(socket);
  client.write(JAVA_CONNECT, EVENTS, RESPONSES, ...requests);
  await client.until(() => client.bodies.length === 63);
  for (const chunk of client.chunks) expect(chunk).toMatch(/^(\n|[A-Z][^\0]*\0)$/);
  expect(client.reader.frames.every((each) => each.length < 1000)).toBe(true);
});

test('a reply overtakes a burst of events', async () => {
  const client = await open(await start());
  client.write(JAVA_CONNECT, EVENTS, RESPONSES, ...requests.slice(0, 1));
  await client.until(() => client.bodies.length > 1);
  expect(client.bodies.slice(0, 2)).toContainEqual({
    jsonrpc: '2.0',
    id: 'id1',
    result: { id: 1 },
  });
});

test("it gets only the engine's events, and all once it proves to be another client", async () => {
  const server = await start();
  const client = await open(server);
  const publish = (): void => {
    for (const name of ['VM_memory', 'VM_status']) server.events.publish(`|virt|${name}|x`, {});
  };
  client.write(JAVA_CONNECT, EVENTS, RESPONSES);
  await client.until(() => client.arrived === 1);
  client.write(request(call('a', 'none'), { 'reply-to': responses }));
  await client.until(() => client.bodies.length === 1);
  publish();
  await client.until(() => client.bodies.length === 2);
  client.write(request(call('b', 'none'), { 'reply-to': responses, 'content-type': 'x' }));
  await client.until(() => client.bodies.length === 3);
  publish();
  await client.until(() => client.arrived === 6);
  expect(client.chunks.join('').match(/VM_(memory|status)/g)).toEqual([
    'VM_status',
    'VM_memory',
    'VM_status',
  ]);
});

test('line feeds follow a burst, one for each message', async () => {
  const client = await open(await start());
  client.write(JAVA_CONNECT, EVENTS, RESPONSES, ...requests.slice(0, 1));
  await client.until(() => client.bodies.length === 21);
  await client.until(() => /\n{3}$/.test(client.chunks.join('')));
});

describe('the simulated reader of the engine', () => {
  const message = (body: string): string =>
    `MESSAGE\ncontent-length:${String(body.length)}\n\n${body}\0`;
  const read = (...chunks: readonly string[]): JavaReader => {
    const reader = new JavaReader();
    for (const chunk of chunks) reader.arrive(Buffer.from(chunk));
    return reader;
  };
  const connected = 'CONNECTED\nversion:1.2\n\n\0';

  test('leaves the second of two short frames until more bytes come', () => {
    const two = message('1') + message('2');
    expect(read(two).frames).toHaveLength(1);
    expect(read(two, '\n').frames).toHaveLength(2);
  });

  test('never stalls on frames as long as its buffer', () => {
    const long = message('x'.repeat(1100));
    expect(read(long.repeat(21)).frames).toHaveLength(21);
  });

  test('reads a long body in any pieces', () => {
    const long = message('x'.repeat(300_000));
    expect(read(long.slice(0, 100), long.slice(100, 70_000), long.slice(70_000)).frames).toEqual([
      long.slice(0, -1),
    ]);
  });

  test.each([
    ['a header block alone', [message('1').slice(0, -2), '1\0']],
    ['a cut header block', ['MESSAGE\ndestination:x\nsub', `scription:y\n\n\0`]],
    ['a line feed along with CONNECTED', [`${connected}\n`]],
    ['a part of a message along with CONNECTED', [connected + message('1').slice(0, 20)]],
    ['CR LF', ['MESSAGE\r\ncontent-length:1\r\n\r\n1\0']],
  ])('disconnects on %s', (_, chunks) => {
    expect(read(...chunks).dropped).toBeDefined();
  });

  test('reads CONNECTED and a whole message that arrive together', () => {
    expect(read(connected + message('1'), '\n').frames).toHaveLength(2);
  });

  test('stops reading after more heart-beats than its buffer holds', () => {
    const reader = read(...Array.from({ length: 1025 }, () => '\n'), message('1'));
    expect(reader.frames).toEqual([]);
    expect(reader.stuck).toBe(1024);
  });
});
