import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { Milliseconds } from '../../../src/common/units.ts';
import { recorder } from '../../support/call.ts';
import { deferred, type Handle } from '../../support/server.ts';
import {
  bodyOf,
  call,
  CONNECT,
  frame,
  RawClient,
  request,
  startStomp,
  subscribe,
  type StompServer,
} from './harness.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const servers: StompServer[] = [];
const clients: RawClient[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.end();
  for (const server of servers.splice(0)) server.stop();
});

async function start(...args: Parameters<typeof startStomp>): Promise<StompServer> {
  const server = await startStomp(...args);
  servers.push(server);
  return server;
}

async function open(server: StompServer): Promise<RawClient> {
  const client = await RawClient.open(server.port);
  clients.push(client);
  return client;
}

/** Opens a client that has connected and subscribed to `replies`. */
async function ready(server: StompServer): Promise<RawClient> {
  const client = await open(server);
  client.write(CONNECT + subscribe('replies', 's1'));
  await client.frame();
  return client;
}

test.each([
  ['1.2', 'CONNECT'],
  ['1.0,1.1,1.2', 'CONNECT'],
  ['1.2, 1.1', 'STOMP'],
])('version %s is agreed on with %s', async (versions, command) => {
  const client = await open(await start());
  client.write(frame(command, { 'accept-version': versions }));
  expect(await client.frame()).toBe('CONNECTED\nversion:1.2\nheart-beat:0,0\n\n');
});

test('another version is refused, and the connection stays open', async () => {
  const client = await open(await start());
  client.write(frame('CONNECT', { 'accept-version': '1.1' }) + frame('CONNECT'));
  const refusal =
    'ERROR\nversion:1.2\nmessage:Version unsupported\ncontent-type:text/plain\ncontent-length:19\n\nVersion unsupported';
  expect(await client.frame()).toBe(refusal);
  expect(await client.frame()).toBe(refusal);
  client.write(CONNECT);
  expect(await client.frame()).toBe('CONNECTED\nversion:1.2\nheart-beat:24000,0\n\n');
});

test('a request before CONNECT gets a reply', async () => {
  const client = await open(await start());
  client.write(subscribe('jms.topic.vdsm_responses', 's') + request(call(1), {}));
  const message = await client.frame();
  expect(message).toMatch(/^MESSAGE\ndestination:jms\.topic\.vdsm_responses\n/);
  expect(bodyOf(message)).toEqual({ jsonrpc: '2.0', id: 1, result: true });
});

test('a reply has destination, subscription and content-length', async () => {
  const client = await ready(await start());
  client.write(request(call('ü')));
  const body = '{"jsonrpc":"2.0","id":"ü","result":true}';
  expect(await client.frame()).toBe(
    'MESSAGE\ndestination:replies\ncontent-type:application/json\nsubscription:s1\n' +
      `message-id:1\ncontent-length:${String(Buffer.byteLength(body))}\n\n${body}`,
  );
});

test.each(['jms.topic.vdsm_irs_requests', 'jms.topic.vdsm_requests.some.sub'])(
  'requests are accepted at %s',
  async (destination) => {
    const client = await ready(await start());
    client.write(frame('SEND', { destination, 'reply-to': 'replies' }, call(1)));
    expect(bodyOf(await client.frame())).toMatchObject({ id: 1, result: true });
  },
);

test('a batch of one gets a reply outside a list, a longer one a list', async () => {
  const client = await ready(await start());
  client.write(request(` [${call(1)}]`));
  expect(bodyOf(await client.frame())).toEqual({ jsonrpc: '2.0', id: 1, result: true });
  client.write(request(`[${call(1)},${call(2)}]`));
  expect(bodyOf(await client.frame())).toMatchObject([{ id: 1 }, { id: 2 }]);
  client.write(request(`[${call(1)},${call(undefined)}]`));
  expect(bodyOf(await client.frame())).toMatchObject([{ id: 1 }]);
});

test('a notification gets no reply and delays no other request', async () => {
  const client = await ready(await start());
  client.write(request(call(undefined)) + request(`[${call(undefined)}]`) + request(call(2)));
  expect(bodyOf(await client.frame())).toMatchObject({ id: 2 });
});

test('replies without an id are not sent to reply-to, and are logged', async () => {
  const { lines, log } = recorder('info');
  const client = await ready(await start(undefined, { log }));
  client.write(subscribe('jms.topic.vdsm_responses', 's2') + request('{') + request('[{]'));
  for (let i = 0; i < 2; i++) {
    const message = await client.frame();
    expect(message).toContain('\ndestination:jms.topic.vdsm_responses\n');
    expect(bodyOf(message)).toMatchObject({ id: null, error: { code: -32700 } });
  }
  expect(lines).toMatchObject(
    [1, 2].map(() => ({
      level: 30,
      address: '127.0.0.1',
      destination: 'jms.topic.vdsm_responses',
      reply: expect.stringContaining('-32700'),
      msg: 'a STOMP client sent a request without a usable id',
    })),
  );
});

test('replies without an id are separated from a batch', async () => {
  const client = await ready(await start());
  client.write(subscribe('jms.topic.vdsm_responses', 's2') + request(`[5,${call(1)}]`));
  const [stray, answer] = [await client.frame(), await client.frame()];
  expect(stray).toContain('\ndestination:jms.topic.vdsm_responses\n');
  expect(bodyOf(stray)).toMatchObject([{ id: null, error: { code: -32600 } }]);
  expect(answer).toContain('\ndestination:replies\n');
  expect(bodyOf(answer)).toEqual([{ jsonrpc: '2.0', id: 1, result: true }]);
});

test('a null id gets no reply', async () => {
  const client = await ready(await start());
  client.write(subscribe('jms.topic.vdsm_responses', 's2'));
  client.write(request(call(null)) + request(`[${call(null)}]`) + request(call(2)));
  expect(bodyOf(await client.frame())).toMatchObject({ id: 2 });
});

test('the flow id of a frame reaches the verb', async () => {
  const flow: Handle = (_, { flowId }) => flowId;
  const client = await ready(await start({ flow }));
  client.write(request(call(1, 'flow'), { 'reply-to': 'replies', ovirtCorrelationId: 'abc' }));
  expect(bodyOf(await client.frame())).toMatchObject({ result: 'abc' });
});

test('a client that is not paced can end its subscription', async () => {
  const patterns: Handle = (_, { peer }) => peer.subscriptions.patterns;
  const client = await ready(await start({ patterns }));
  client.write(request(call(1, 'patterns')));
  expect(bodyOf(await client.frame())).toMatchObject({ result: ['*'] });
});

test('two clients may use the same id and the same reply queue', async () => {
  const whoami: Handle = (params) => params;
  const server = await start({ whoami });
  const [one, two] = [await ready(server), await ready(server)];
  one.write(request(call(7, 'whoami', { who: 'one' })));
  two.write(request(call(7, 'whoami', { who: 'two' })));
  expect(bodyOf(await one.frame())).toMatchObject({ result: { who: 'one' } });
  expect(bodyOf(await two.frame())).toMatchObject({ result: { who: 'two' } });
});

test('a reply is sent once, however many subscriptions its destination has', async () => {
  const client = await ready(await start());
  client.write(subscribe('replies', 's2') + request(call(1)) + request(call(2)));
  expect(bodyOf(await client.frame())).toMatchObject({ id: 1 });
  expect(bodyOf(await client.frame())).toMatchObject({ id: 2 });
});

test('events are sent to subscribed clients until they unsubscribe', async () => {
  const server = await start();
  const client = await ready(server);
  client.write(subscribe('jms.queue.events', 'a') + subscribe('jms.queue.events', 'b'));
  client.write(request(call(1)));
  await client.frame();
  server.events.publish('|virt|VM_status|x', { notify_time: 1 });
  for (const id of ['a', 'b']) {
    const message = await client.frame();
    expect(message).toContain(`\nsubscription:${id}\n`);
    expect(bodyOf(message)).toEqual({
      jsonrpc: '2.0',
      method: '|virt|VM_status|x',
      params: { notify_time: 1 },
    });
  }
  client.write(frame('UNSUBSCRIBE', { id: 'a' }) + frame('UNSUBSCRIBE', { id: 'b' }));
  client.write(request(call(2)));
  await client.frame();
  server.events.publish('|virt|VM_status|y', {});
  client.write(request(call(3)));
  expect(bodyOf(await client.frame())).toMatchObject({ id: 3 });
});

test.each([
  [subscribe('x', 's1'), 'Subscription id already exists'],
  [frame('SUBSCRIBE', { id: 'x' }), 'Missing destination or subscription id header'],
  [frame('SUBSCRIBE', { destination: 'x' }), 'Missing destination or subscription id header'],
  [frame('UNSUBSCRIBE'), 'Missing id header'],
  [frame('SEND', { destination: 'elsewhere' }), 'Subscription not available'],
  [frame('SEND', { destination: 'jms.queue.requests' }), 'Subscription not available'],
])('%j is refused, and the session continues', async (text, why) => {
  const client = await ready(await start());
  client.write(text + frame('UNSUBSCRIBE', { id: 'nobody' }) + request(call(1)));
  const refusal = await client.frame();
  expect(refusal).toMatch(new RegExp(`^ERROR\nmessage:${why}\n`));
  expect(refusal).toMatch(new RegExp(`\n\n${why}$`));
  expect(bodyOf(await client.frame())).toMatchObject({ id: 1 });
});

test('subscriptions are limited to one hundred', async () => {
  const client = await ready(await start());
  for (let i = 0; i < 100; i++) client.write(subscribe('x', `x${String(i)}`));
  expect(await client.frame()).toContain('message:Too many subscriptions');
});

test('every frame with a receipt header gets its receipt', async () => {
  const client = await ready(await start());
  client.write(frame('SUBSCRIBE', { destination: 'x', id: 'x', receipt: 'a\\cb' }));
  expect(await client.frame()).toBe('RECEIPT\nreceipt-id:a\\cb\n\n');
  client.write(frame('UNSUBSCRIBE', { receipt: 'c' }));
  expect(await client.frame()).toMatch(/^ERROR\nreceipt-id:c\n/);
  client.write(frame('DISCONNECT', { receipt: 'd' }));
  expect(await client.frame()).toBe('RECEIPT\nreceipt-id:d\n\n');
  expect(client.socket.destroyed).toBe(false);
});

test('DISCONNECT without a receipt closes the connection', async () => {
  const client = await ready(await start());
  client.write(frame('DISCONNECT'));
  await client.closed;
});

test.each([
  ['ACK\nid:1\n\n\0', 'Unknown command ACK'],
  ['send\n', 'a frame begins with no STOMP command'],
  ['SEND\nreply-to:replies\n\n{}\0', 'Missing destination header'],
  ['SEND\ndestination:jms.topic.vdsm_requests\n\n"\xff"\0', 'the body is not UTF-8'],
])('after %j the connection is closed with an ERROR', async (text, why) => {
  const { lines, log } = recorder('info');
  const client = await ready(await start(undefined, { log }));
  client.write(Buffer.from(text + CONNECT, 'latin1'));
  expect(await client.frame()).toContain(`message:${why}\n`);
  await client.closed;
  expect(client.text.split('CONNECTED')).toHaveLength(2);
  expect(lines).toMatchObject([{ msg: 'a STOMP client violated the protocol', reason: why }]);
});

test('a client that does not close after an ERROR is disconnected', async () => {
  const clock = new VirtualClock();
  const server = await start(undefined, { clock });
  const client = await ready(server);
  client.socket.allowHalfOpen = true;
  client.write(frame('NACK'));
  await client.frame();
  const gone = once(server.server, 'close');
  server.stop();
  await clock.advance(Milliseconds(1000));
  await gone;
});

test('a heart-beat is sent if nothing else was', async () => {
  const clock = new VirtualClock();
  const client = await open(await start(undefined, { clock }));
  client.write(frame('CONNECT', { 'accept-version': '1.2', 'heart-beat': '0,10' }));
  expect(await client.frame()).toContain('heart-beat:1000,0');
  client.write(subscribe('replies', 's') + request(call(1)));
  await clock.advance(Milliseconds(999));
  await client.frame();
  const before = client.text;
  await clock.advance(Milliseconds(1));
  await clock.advance(Milliseconds(1000));
  client.write(request(call(2)));
  await client.frame();
  expect(client.text.slice(before.length)).toMatch(/^\n+MESSAGE/);
});

test('a client that has not sent CONNECT gets heart-beats until it does', async () => {
  const clock = new VirtualClock();
  const client = await open(await start(undefined, { clock }));
  client.write(frame('SUBSCRIBE', { destination: 'x', id: 'x', receipt: 'r' }));
  await client.frame();
  await clock.advance(Milliseconds(15_000));
  client.write(frame('STOMP', { 'accept-version': '1.2' }));
  await client.frame();
  expect(client.text).toMatch(/\0\nCONNECTED/);
  await clock.advance(Milliseconds(60_000));
  client.write(frame('UNSUBSCRIBE', { id: 'x', receipt: 'r' }));
  await client.frame();
  expect(client.text).toMatch(/\0RECEIPT\nreceipt-id:r\n\n\0$/);
});

test('a client silent for twice its interval is disconnected', async () => {
  const clock = new VirtualClock();
  const { lines, log } = recorder('warn');
  const client = await open(await start(undefined, { clock, log }));
  client.write(frame('CONNECT', { 'accept-version': '1.2', 'heart-beat': '2000,0' }));
  expect(await client.frame()).toContain('heart-beat:0,2000');
  await clock.advance(Milliseconds(3999));
  expect(lines).toEqual([]);
  await clock.advance(Milliseconds(1));
  await client.closed;
  expect(lines).toMatchObject([
    { msg: 'disconnected a STOMP client that is silent for longer than its heart-beat allows' },
  ]);
});

test('a client that never reads is disconnected', async () => {
  const { lines, log } = recorder('warn');
  const big: Handle = () => 'x'.repeat(1024 * 1024);
  const client = await ready(await start({ big }, { log, maxUnread: 4 * 1024 * 1024 }));
  client.socket.pause();
  for (let id = 0; id < 60; id++) client.write(request(call(id, 'big')));
  while (lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
  client.socket.resume();
  await client.closed;
  expect(lines).toMatchObject([{ msg: 'disconnected a STOMP client that does not read' }]);
});

test.each(['SEND\ndest', 'SEND\n\nbody', 'SEND\ncontent-length:500\n\nbody'])(
  'a client that sends only a part of a frame is disconnected: %j',
  async (part) => {
    const clock = new VirtualClock();
    const client = await ready(await start({}, { clock }));
    client.write(frame('SUBSCRIBE', { id: 'x', destination: 'x', receipt: '1' }) + part);
    expect(await client.frame()).toContain('RECEIPT');
    for (let seconds = 0; seconds < 30; seconds++) {
      await clock.advance(Milliseconds(1000));
      if (seconds < 25) client.write('y');
    }
    await client.closed;
    expect(client.text).toContain('message:the rest of a frame did not arrive within 30 s');
  },
);

test('a client that sends nothing between frames is kept', async () => {
  const clock = new VirtualClock();
  const client = await open(await start({ 'Host.ping2': () => true }, { clock }));
  client.write(frame('CONNECT', { 'accept-version': '1.2' }) + subscribe('replies', '1'));
  await client.frame();
  await clock.advance(Milliseconds(3_600_000));
  client.write(request(call(1)));
  expect(bodyOf(await client.frame())).toMatchObject({ id: 1, result: true });
});

test('stopping waits for running requests, then closes', async () => {
  const began = deferred<boolean>();
  const work = deferred<string>();
  const wait: Handle = () => {
    began.resolve(true);
    return work.promise;
  };
  const server = await start({ wait, 'Host.ping2': () => true });
  const client = await ready(server);
  client.write(request(call(1, 'wait')));
  await began.promise;
  const stopped = server.endpoint.close(Milliseconds(5000));
  const late = await open(server);
  await late.closed;
  client.write(request(call(2)));
  work.resolve('done');
  expect(bodyOf(await client.frame())).toMatchObject({ id: 1, result: 'done' });
  await client.closed;
  await stopped;
  expect(client.text).not.toContain('"id":2');
});

test('stopping does not wait beyond its deadline', async () => {
  const clock = new VirtualClock();
  const began = deferred<boolean>();
  const wait: Handle = () => {
    began.resolve(true);
    return new Promise(() => undefined);
  };
  const server = await start({ wait }, { clock });
  const client = await ready(server);
  client.socket.pause();
  client.write(request(call(1, 'wait')));
  await began.promise;
  const stopped = server.endpoint.close(Milliseconds(5000));
  await clock.advance(Milliseconds(5000));
  await clock.advance(Milliseconds(1000));
  await stopped;
});

test('a message of more than 4 MiB closes its own connection only', async () => {
  const server = await start();
  const other = await ready(server);
  const client = await ready(server);
  client.write(
    frame('SEND', { destination: 'jms.topic.vdsm_requests', 'content-length': '4194305' }),
  );
  expect(await client.frame()).toContain(
    'message:a body may have 4194304 bytes ([rpc] max_frame_bytes)',
  );
  await client.closed;
  other.write(request(call(1)));
  expect(bodyOf(await other.frame())).toMatchObject({ id: 1 });
});
