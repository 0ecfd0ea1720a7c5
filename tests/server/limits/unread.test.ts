import { expect, test } from '@jest/globals';
import { Milliseconds } from '../../../src/common/units.ts';
import { Unread } from '../../../src/server/limits/unread.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

function client() {
  const clock = new VirtualClock();
  const overflows: number[] = [];
  let waiting = 0;
  const unread = new Unread({
    clock,
    maxUnread: 100,
    waiting: () => waiting,
    overflow: (bytes) => overflows.push(bytes),
  });
  return {
    overflows,
    unread,
    send(bytes: number) {
      waiting += bytes;
      unread.add(bytes);
    },
    take(bytes: number) {
      waiting -= bytes;
    },
    later: () => clock.advance(Milliseconds(5000)),
  };
}

test('a client may be sent more than the limit at once, if it then reads', async () => {
  const { send, take, later, overflows } = client();
  send(400);
  for (let i = 0; i < 6; i++) {
    take(60);
    await later();
  }
  expect(overflows).toEqual([]);
});

test('a client that takes nothing for 5 s is given up, also if more is sent meanwhile', async () => {
  const { send, later, overflows } = client();
  send(101);
  send(50);
  await later();
  expect(overflows).toEqual([151]);
});

test('a client that reads more slowly than it is sent has four times the limit at most', async () => {
  const { send, take, later, overflows } = client();
  send(301);
  await later();
  expect(overflows).toEqual([301]);
  take(1);
  send(101);
  expect(overflows).toEqual([301, 401]);
});

test('a client that stays below the limit may take its time', async () => {
  const { send, later, overflows } = client();
  send(100);
  await later();
  await later();
  expect(overflows).toEqual([]);
});
