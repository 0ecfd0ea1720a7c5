import { expect, test } from '@jest/globals';
import { recorder } from '../../support/call.ts';
import { type Handle } from '../../support/server.ts';
import { bodyOf, call, CONNECT, frame, request, subscribe } from './harness.ts';
import { open, ready, start } from './opened.ts';

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
