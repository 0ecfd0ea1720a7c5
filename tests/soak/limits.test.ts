import { expect, test } from '@jest/globals';
import type { Figures } from './daemon/messages.ts';
import { growth } from './limits.ts';

const MIB = 1024 ** 2;

const rest: Figures = {
  heap: 40 * MIB,
  external: 0,
  rss: 0,
  trail: 0,
  fds: 30,
  sockets: 5,
  resources: 5,
  timers: 50,
  listeners: 250,
  hostListeners: 3,
  emitters: {},
  cpu: 0,
  calls: 0,
  faults: { refused: 0, late: 0, lost: 0, twice: 0, cut: 0, guests: 0 },
};

test('a rest with little more than the first has not grown', () => {
  expect(growth(rest, { ...rest, heap: 43 * MIB, timers: 60, fds: 31 })).toEqual([]);
});

test('what grows is named with both figures', () => {
  const more = { ...rest, heap: 50 * MIB, sockets: 6, listeners: 300 };
  expect(growth(rest, more)).toEqual([
    'sockets grew from 5 to 6',
    'listeners grew from 250 to 300',
    'the heap grew from 40.0 to 50.0 MiB, 4.0 more is allowed',
  ]);
});

test('the heap may have what the audit trail keeps', () => {
  expect(growth(rest, { ...rest, heap: 50 * MIB, trail: 2 * MIB })).toEqual([]);
});
