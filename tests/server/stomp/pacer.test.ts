import { expect, test } from '@jest/globals';
import { Pacer } from '../../../src/server/stomp/pacer.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

/** Creates a pacer whose writes are sent after `delay`; `written` has the time of each. */
function start(delay = 0) {
  const clock = new VirtualClock();
  const written: [number, string][] = [];
  const pacer = new Pacer({
    clock,
    write(text, left) {
      written.push([clock.now(), text]);
      clock.after(Milliseconds(delay), left);
    },
  });
  return { pacer, written, advance: (ms: number) => clock.advance(Milliseconds(ms)) };
}

test('the first frame is sent at once, each next one 10 ms after the one before', async () => {
  const { pacer, written, advance } = start(5);
  for (const frame of ['RECEIPT a', 'RECEIPT b', 'RECEIPT c']) pacer.push(frame);
  await advance(1000);
  expect(written).toEqual([
    [0, 'RECEIPT a'],
    [15, 'RECEIPT b'],
    [30, 'RECEIPT c'],
  ]);
});

test('nothing follows CONNECTED for 50 ms', async () => {
  const { pacer, written, advance } = start();
  pacer.push('CONNECTED');
  await advance(20);
  pacer.push('MESSAGE');
  await advance(29);
  expect(written).toHaveLength(1);
  await advance(1);
  expect(written[1]).toEqual([50, 'MESSAGE']);
});

test('a burst of messages is followed by as many line feeds, 20 ms apart', async () => {
  const { pacer, written, advance } = start();
  for (let i = 0; i < 3; i++) pacer.push('MESSAGE');
  await advance(1000);
  expect(written.slice(3)).toEqual([
    [40, '\n'],
    [60, '\n'],
    [80, '\n'],
  ]);
});

test('line feeds yield to messages and follow no other frame', async () => {
  const { pacer, written, advance } = start();
  pacer.push('MESSAGE 1');
  await advance(19);
  pacer.push('MESSAGE 2');
  await advance(25);
  pacer.push('RECEIPT');
  await advance(1000);
  expect(written).toEqual([
    [0, 'MESSAGE 1'],
    [19, 'MESSAGE 2'],
    [39, '\n'],
    [49, 'RECEIPT'],
  ]);
});

test('replies overtake waiting events, each kind in its order', async () => {
  const { pacer, written, advance } = start();
  for (const event of ['event 1', 'event 2', 'event 3']) pacer.pushEvent(event);
  for (const reply of ['reply 1', 'reply 2']) pacer.push(reply);
  await advance(1000);
  expect(written.map(([, text]) => text)).toEqual([
    'event 1',
    'reply 1',
    'reply 2',
    'event 2',
    'event 3',
  ]);
});

test('line feeds after a burst are limited', async () => {
  const { pacer, written, advance } = start();
  for (let i = 0; i < 300; i++) pacer.push('MESSAGE');
  await advance(20_000);
  expect(written).toHaveLength(300 + 256);
});

test('heart-beats keep their distance, and none is added to pending line feeds', async () => {
  const { pacer, written, advance } = start();
  pacer.beat();
  pacer.beat();
  await advance(1000);
  expect(written).toEqual([
    [0, '\n'],
    [20, '\n'],
  ]);
  pacer.push('MESSAGE');
  await advance(5);
  pacer.beat();
  await advance(1000);
  expect(written).toHaveLength(4);
});

test('stopping returns unsent frames', async () => {
  const { pacer, written, advance } = start();
  for (const frame of ['a', 'bb', 'ccc']) pacer.push(frame);
  pacer.pushEvent('dddd');
  expect(pacer.waiting).toBe(9);
  expect(pacer.stop()).toBe('bbcccdddd');
  expect(pacer.waiting).toBe(0);
  await advance(1000);
  expect(written).toHaveLength(1);
});
