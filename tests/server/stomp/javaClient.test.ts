import { expect, test } from '@jest/globals';
import { confidence, type Confidence } from '../../../src/server/stomp/javaClient.ts';

type Sent = readonly [command: string, headers?: Readonly<Record<string, string>>];

/** Returns the confidence after these frames. */
const after = (...frames: readonly Sent[]): Confidence =>
  frames.reduce<Confidence>(
    (before, [command, headers = {}]) =>
      confidence(
        { command, headers: new Map(Object.entries(headers)), body: Buffer.alloc(0) },
        before,
      ),
    'possible',
  );

const java = { 'accept-version': '1.2', host: 'null', 'heart-beat': '0,15000' };
const named = { ...java, host: 'node1' };
const events = {
  destination: 'jms.queue.events',
  id: 'd2c4e6f8-1a3b-4c5d-8e7f-9a0b1c2d3e4f',
  ack: 'auto',
};
const request = { destination: 'jms.topic.vdsm_requests', 'reply-to': 'r' };

test('the engine is recognized by its CONNECT', () => {
  expect(after(['CONNECT', java])).toBe('sure');
  expect(after(['CONNECT', { ...java, 'heart-beat': '0,11250' }])).toBe('sure');
  expect(after(['CONNECT', { 'accept-version': '1.2' }], ['CONNECT', java])).toBe('sure');
});

test('with another host header the engine is recognized by its further frames', () => {
  expect(after(['CONNECT', named], ['SUBSCRIBE', events], ['SEND', request])).toBe('possible');
  expect(after(['SUBSCRIBE', { ...events, id: 'sub-1' }], ['CONNECT', named])).toBe('none');
  expect(after(['CONNECT', named], ['SUBSCRIBE', { ...events, id: 'sub-1' }])).toBe('none');
});

test('over plain TCP the engine may begin with any of its frames', () => {
  expect(after(['SUBSCRIBE', events], ['SEND', request], ['UNSUBSCRIBE', events])).toBe('possible');
  expect(after(['SUBSCRIBE', events], ['CONNECT', java])).toBe('sure');
});

test.each<[string, Sent]>([
  ['an id of its own making', ['SUBSCRIBE', { ...events, id: '1' }]],
  ['no ack', ['SUBSCRIBE', { destination: 'x', id: events.id }]],
  ['another ack', ['SUBSCRIBE', { ...events, ack: 'client' }]],
  ['a content-type', ['SEND', { ...request, 'content-type': 'application/json' }]],
])('a client without CONNECT that sends %s is not the engine', (_, frame) => {
  expect(after(frame)).toBe('none');
  expect(after(frame, ['SUBSCRIBE', events])).toBe('none');
});

test("a content-type identifies another client even after the engine's CONNECT", () => {
  expect(after(['CONNECT', java], ['SEND', { 'content-type': 'application/json' }])).toBe('none');
});

test.each([
  ['vdsm-client and MoM', { 'accept-version': '1.2', 'heart-beat': '0,24000' }],
  ['stompjs', { 'accept-version': '1.2,1.1,1.0', 'heart-beat': '10000,10000' }],
  ['one that logs in', { ...java, login: 'me' }],
  ['one that beats', { ...java, 'heart-beat': '1000,15000' }],
  ['one without a heart-beat', { 'accept-version': '1.2', host: 'x' }],
  ['one that wants none', { ...java, 'heart-beat': '0,0' }],
  ['one of more versions', { ...java, 'accept-version': '1.1,1.2' }],
])('%s is not paced', (_, headers) => {
  expect(after(['CONNECT', headers])).toBe('none');
  expect(after(['STOMP', headers])).toBe('none');
});
