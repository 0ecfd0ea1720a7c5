import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import type { Replies, Reply } from '../../../src/jsonrpc/dispatch.ts';
import { EventBus } from '../../../src/jsonrpc/eventBus.ts';
import { StompEndpoint } from '../../../src/server/stomp/endpoint.ts';
import { silent } from '../../support/call.ts';
import { VirtualClock } from '../../support/virtualClock.ts';
import { CONNECT, request, subscribe } from './harness.ts';

/** Opens a session whose replies the test gives; `writes` is what the session sends from then on. */
async function openSession(requests: number) {
  const answers: ((replies?: Replies) => void)[] = [];
  const writes: string[] = [];
  const socket = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _, done) {
      writes.push(String(chunk));
      done();
    },
  });
  const endpoint = new StompEndpoint({
    dispatch: (_, reply) => answers.push(reply),
    events: new EventBus(),
    log: silent,
    clock: new VirtualClock(),
  });
  endpoint.accept(socket as unknown as Socket, 'admin');
  const subscribed =
    subscribe('replies', 'r-client') + subscribe('jms.topic.vdsm_responses', 'strays-client');
  socket.push(CONNECT + subscribed + request('{}').repeat(requests));
  await settled();
  writes.length = 0;
  return { answers, writes };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const reply = (id: number | null, text = `{"id":${String(id)}}`): Reply => ({
  id: id === null ? null : String(id),
  text,
});

/** Returns the subscription and body of each MESSAGE. */
const delivered = (writes: readonly string[]) =>
  writes
    .join('')
    .split('\0')
    .slice(0, -1)
    .map((frame) => {
      const [, subscription] = /subscription:(\w+)-client/.exec(frame) ?? [];
      return [subscription, frame.slice(frame.indexOf('\n\n') + 2)];
    });

test('replies that are ready together are sent in one write', async () => {
  const { answers, writes } = await openSession(2);
  answers[1]?.(reply(2));
  answers[0]?.(reply(1));
  await settled();
  expect(writes).toHaveLength(1);
  expect(delivered(writes)).toEqual([
    ['r', '{"id":2}'],
    ['r', '{"id":1}'],
  ]);
});

test('replies without an id are sent to the response queue, apart from the others of a batch', async () => {
  const { answers, writes } = await openSession(3);
  answers[0]?.([reply(null), reply(2), reply(null)]);
  answers[1]?.([reply(null), reply(null)]);
  answers[2]?.([reply(1, '[{"id":null}]'), reply(2)]);
  await settled();
  expect(delivered(writes)).toEqual([
    ['strays', '[{"id":null},{"id":null}]'],
    ['r', '[{"id":2}]'],
    ['strays', '[{"id":null},{"id":null}]'],
    ['r', '[[{"id":null}],{"id":2}]'],
  ]);
});

test('nothing is sent for a notification', async () => {
  const { answers, writes } = await openSession(1);
  answers[0]?.();
  await settled();
  expect(writes).toEqual([]);
});
