import { expect, test } from '@jest/globals';
import { mayBeJava } from '../../../src/rpc/stomp/javaClient.ts';

const isPaced = (command: string, headers: Readonly<Record<string, string>> = {}): boolean =>
  mayBeJava({ command, headers: new Map(Object.entries(headers)), body: Buffer.alloc(0) });

const java = { 'accept-version': '1.2', host: 'null', 'heart-beat': '0,15000' };

test('the engine is known by its CONNECT, under any host and after any reconnect', () => {
  expect(isPaced('CONNECT', java)).toBe(true);
  expect(isPaced('CONNECT', { ...java, host: 'node1' })).toBe(true);
  expect(isPaced('CONNECT', { ...java, 'heart-beat': '0,11250' })).toBe(true);
});

test('who begins with anything but CONNECT may be the engine over plain TCP', () => {
  expect(isPaced('SUBSCRIBE')).toBe(true);
  expect(isPaced('SEND')).toBe(true);
});

test.each([
  ['vdsm-client and MoM', { 'accept-version': '1.2', 'heart-beat': '0,24000' }],
  ['stompjs', { 'accept-version': '1.2,1.1,1.0', 'heart-beat': '10000,10000' }],
  ['one that logs in', { ...java, login: 'me' }],
  ['one that beats', { ...java, 'heart-beat': '1000,15000' }],
  ['one without a heart-beat', { 'accept-version': '1.2', host: 'x' }],
  ['one that wants none', { ...java, 'heart-beat': '0,0' }],
  ['one of more versions', { ...java, 'accept-version': '1.1,1.2' }],
])('%s is not slowed', (_, headers) => {
  expect(isPaced('CONNECT', headers)).toBe(false);
  expect(isPaced('STOMP', headers)).toBe(false);
});
