import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { Milliseconds } from '../../../src/common/units.ts';
import { recorder } from '../../support/call.ts';
import { deferred, type Handle } from '../../support/server.ts';
import { bodyOf, call, CONNECT, frame, request, subscribe } from './harness.ts';
import { open, ready, start } from './opened.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

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
