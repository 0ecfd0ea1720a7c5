import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { StuckError } from '../../src/libvirt/error.ts';
import { GuestPlaces, GUESTS, NONE, STATISTICS } from '../../src/libvirt/guestPlaces.ts';
import type { Ticket } from '../../src/libvirt/lane.ts';
import { Limits } from '../../src/libvirt/limits.ts';
import { assertProperty } from '../support/property.ts';
import { livelyLimits, passes, recorder, settled } from './recordedCalls.ts';

test('a connection carries four calls at a time, and starts the next in order', () => {
  const calls = recorder(new Limits().lane());
  for (const name of 'abcdef') calls.enter(name);
  expect(calls.started).toEqual(['a', 'b', 'c', 'd']);
  calls.leave('b');
  calls.leave('b');
  expect(calls.started).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('three calls wait for any guest at a time; the last place is left free', () => {
  const calls = recorder(new Limits().lane());
  for (const name of 'abcd') calls.enter(name, [name]);
  expect(calls.started).toEqual(['a', 'b', 'c']);
  calls.enter('destroy');
  expect(calls.started).toEqual(['a', 'b', 'c', 'destroy']);
});

test('a guest that shows a sign of life gets the last place, however many others hang', async () => {
  const calls = recorder(livelyLimits('y', 'z').lane());
  for (const name of 'abcdxyz') calls.enter(name, [name]);
  for (const name of 'abc') calls.abandon(name);
  await settled();
  expect(calls.started).toEqual(['a', 'b', 'c', 'y']);
  expect(calls.failed.map(([name]) => name)).toEqual(['d', 'x']);
  calls.leave('y');
  expect(calls.started).toEqual(['a', 'b', 'c', 'y', 'z']);
});

test('a guest that shows a sign of life need not wait for slow calls to others', async () => {
  const calls = recorder(livelyLimits('d').lane());
  for (const name of 'abcde') calls.enter(name, [name]);
  await settled();
  expect([calls.started, calls.failed]).toEqual([['a', 'b', 'c', 'd'], []]);
  calls.leave('d');
  calls.leave('a');
  expect(calls.started).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('of guests that have replied within half a second, one gets a place beyond those for any, and another once it has replied since', () => {
  const calls = recorder(livelyLimits().lane());
  for (const name of 'wxyz') {
    calls.enter(`${name} before`, [name]);
    calls.reply(`${name} before`);
  }
  for (const name of 'abc') calls.enter(name, [name]);
  passes(500);
  for (const name of 'xy') calls.enter(name, [name]);
  expect(calls.started.slice(4)).toEqual(['a', 'b', 'c', 'x']);
  calls.reply('x');
  expect(calls.started.slice(8)).toEqual(['y']);
  passes(1);
  calls.reply('y');
  calls.enter('z', ['z']);
  expect(calls.started.slice(9)).toEqual([]);
  for (const name of 'xy') calls.enter(`${name} again`, [name]);
  expect(calls.started.slice(9)).toEqual(['x again']);
});

test('connections that share their places have them together', () => {
  const limits = livelyLimits();
  const places = new GuestPlaces(GUESTS);
  const [first, second] = [recorder(limits.lane(places)), recorder(limits.lane(places))];
  first.enter('y before', ['y']);
  first.reply('y before');
  for (const name of 'ab') first.enter(name, [name]);
  for (const name of 'cdy') second.enter(name, [name]);
  expect([first.started.slice(1), second.started]).toEqual([
    ['a', 'b'],
    ['c', 'y'],
  ]);
});

test('a failure of a call is no sign of life', () => {
  const limits = livelyLimits();
  const calls = recorder(limits.lane());
  const statistics = recorder(limits.lane(new GuestPlaces(STATISTICS)));
  for (const name of 'abc') calls.enter(name, [name]);
  passes(1);
  statistics.enter('y', ['y']);
  statistics.leave('y');
  calls.enter('y again', ['y']);
  expect([statistics.started, calls.started]).toEqual([['y'], ['a', 'b', 'c']]);
});

test('a guest for which all connections together have no place gets one after a sign of life', async () => {
  const limits = livelyLimits('y', 'z');
  const control = recorder(limits.lane());
  const statistics = recorder(limits.lane(new GuestPlaces(STATISTICS)));
  for (const name of 'ab') statistics.enter(name, [name]);
  for (const name of 'cdyz') control.enter(name, [name]);
  expect(control.started).toEqual(['c', 'd']);
  await settled();
  expect([control.started, control.failed]).toEqual([['c', 'd', 'y', 'z'], []]);
});

test('a connection without places for guests serves calls to none of them', () => {
  const limits = new Limits();
  const calls = recorder(limits.lane(new GuestPlaces(NONE)));
  const guests = recorder(limits.lane());
  for (const name of 'abc') guests.enter(name, [name]);
  for (const name of 'abc') guests.abandon(name);
  calls.enter('destroy');
  expect(calls.started).toEqual(['destroy']);
});

test('slow calls leave a place to quick ones, which pass those that wait', () => {
  const calls = recorder(new Limits().lane(new GuestPlaces(NONE)));
  for (const name of 'abcde') calls.enter(name, undefined, true);
  calls.enter('read');
  expect(calls.started).toEqual(['a', 'b', 'c', 'read']);
  calls.leave('read');
  calls.leave('a');
  expect(calls.started).toEqual(['a', 'b', 'c', 'read', 'd']);
});

test('a client waits for four calls to guests at a time, over all connections', () => {
  const limits = new Limits();
  const control = recorder(limits.lane());
  const statistics = recorder(limits.lane(new GuestPlaces(STATISTICS)));
  for (const name of 'ab') statistics.enter(name, [name]);
  for (const name of 'cde') control.enter(name, [name]);
  expect(control.started).toEqual(['c', 'd']);
  statistics.leave('a');
  expect(control.started).toEqual(['c', 'd', 'e']);
});

test('calls to hung guests leave the others of all connections their places', () => {
  const limits = new Limits();
  const control = recorder(limits.lane());
  const statistics = recorder(limits.lane(new GuestPlaces(STATISTICS)));
  for (const name of 'ab') statistics.enter(name, [name]);
  for (const name of 'ab') statistics.abandon(name);
  for (const name of 'cdef') control.enter(name, [name]);
  expect(control.started).toEqual(['c', 'd', 'e']);
});

test('a domain has one such call at a time, and calls to other domains pass those that wait for it', () => {
  const limits = new Limits();
  const control = recorder(limits.lane());
  const statistics = recorder(limits.lane());
  statistics.enter('poll', ['x']);
  control.enter('target of x', ['x']);
  control.enter('target of y', ['y']);
  expect(control.started).toEqual(['target of y']);
  statistics.leave('poll');
  expect(control.started).toEqual(['target of y', 'target of x']);
});

test('an abandoned call keeps its place and its domain until the reply', () => {
  const limits = new Limits();
  const calls = recorder(limits.lane());
  calls.enter('first', ['x']);
  expect(limits.isStuck('x')).toBe(false);
  calls.abandon('first');
  calls.enter('second', ['x']);
  expect([limits.isStuck('x'), calls.started]).toEqual([true, ['first']]);
  calls.leave('first');
  expect([limits.isStuck('x'), calls.started]).toEqual([false, ['first', 'second']]);
});

test('once hung guests hold all places, calls to other guests fail and name the hung ones', async () => {
  const limits = livelyLimits('d');
  const calls = recorder(limits.lane(new GuestPlaces(STATISTICS)));
  for (const name of 'abc') calls.enter(name, [name]);
  calls.abandon('a');
  await settled();
  expect([calls.failed, limits.stuck]).toEqual([[], ['a']]);
  calls.abandon('b');
  calls.enter('d', ['d']);
  await settled();
  expect(calls.started).toEqual(['a', 'b', 'd']);
  expect(calls.failed).toEqual([['c', new StuckError(['A', 'B'])]]);
  calls.abandon('d');
  calls.enter('e', ['e']);
  calls.enter('poll of all', ['e', 'f']);
  expect(calls.failed.slice(1)).toEqual([
    ['e', new StuckError(['A', 'B', 'D'])],
    ['poll of all', new StuckError(['A', 'B', 'D'])],
  ]);
  calls.enter('destroy');
  calls.leave('a');
  calls.leave('b');
  calls.enter('e again', ['e']);
  expect(calls.started).toEqual(['a', 'b', 'd', 'destroy', 'e again']);
});

test('an error names ten hung guests, and counts the others', () => {
  const names = Array.from({ length: 12 }, (_, n) => `vm${String(n)}`);
  expect(new StuckError(names).message).toMatch(/\(vm0, .*, vm9 and 2 more\).*destroy or resume/);
});

test('a call to a hung guest waits while others start', () => {
  const calls = recorder(new Limits().lane());
  calls.enter('first', ['x']);
  calls.abandon('first');
  calls.enter('second', ['x']);
  calls.enter('other', ['y']);
  expect([calls.started, calls.failed]).toEqual([['first', 'other'], []]);
});

test('a call that is abandoned while it waits never starts', () => {
  const calls = recorder(new Limits().lane());
  calls.enter('first', ['x']);
  calls.enter('second', ['x']);
  calls.abandon('second');
  calls.leave('first');
  expect(calls.started).toEqual(['first']);
});

test('a closed connection releases its places, starts nothing and fails waiting calls', () => {
  const limits = new Limits();
  const lane = limits.lane();
  const lost = recorder(lane);
  const other = recorder(limits.lane());
  for (const name of 'abcd') lost.enter(name, ['x', name]);
  other.enter('x', ['x']);
  const reason = new Error('gone');
  lane.close(reason);
  expect([lost.started, other.started]).toEqual([['a'], ['x']]);
  expect(lost.failed).toEqual([
    ['b', reason],
    ['c', reason],
    ['d', reason],
  ]);
});

/** Of the guests a to j, those that show signs of life. */
const isLively = (domain = ''): boolean => 'abcd'.includes(domain);

const step = fc.record({
  lane: fc.integer({ min: 0, max: 2 }),
  act: fc.constantFrom('enter', 'enter', 'leave', 'abandon', 'wait'),
  domain: fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'), {
    nil: undefined,
  }),
  which: fc.nat(30),
});

interface Running {
  readonly lane: number;
  readonly domain: string | undefined;
  isStuck?: true;
}

test('the limits hold after any sequence of events', () =>
  assertProperty(
    fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
      const limits = livelyLimits('a', 'b', 'c', 'd');
      const guests = new GuestPlaces(GUESTS);
      const statistics = new GuestPlaces(STATISTICS);
      const lanes = [guests, guests, statistics].map((places) => limits.lane(places));
      const inFlight = new Map<object, Running>();
      const tickets: { key: object; ticket: Ticket; domain: string | undefined }[] = [];
      for (const { lane, act, domain, which } of steps) {
        const entered = tickets[which % Math.max(1, tickets.length)];
        if (act === 'enter') {
          const key = {};
          const start = () => inFlight.set(key, { lane, domain });
          const fail = (): void => undefined;
          const domains = domain === undefined ? undefined : [domain];
          const ticket = lanes[lane]?.enter({ domains }, { start, fail });
          if (ticket) tickets.push({ key, ticket, domain });
        } else if (act === 'wait') {
          await settled();
        } else if (entered && act === 'leave') {
          inFlight.delete(entered.key);
          passes(1);
          entered.ticket.leave(isLively(entered.domain));
        } else if (entered) {
          const call = inFlight.get(entered.key);
          if (call) call.isStuck = true;
          entered.ticket.abandon();
        }
        expectLimits([...inFlight.values()]);
      }
    }),
  ));

function expectLimits(running: readonly Running[]): void {
  const toGuests = running.filter((each) => each.domain);
  expect(new Set(toGuests.map((each) => each.domain)).size).toBe(toGuests.length);
  const silent = toGuests.filter((call) => !isLively(call.domain));
  expect(silent.filter(({ isStuck }) => !isStuck).length).toBeLessThanOrEqual(4);
  for (const each of [0, 1, 2]) {
    expect(running.filter((call) => call.lane === each).length).toBeLessThanOrEqual(4);
  }
  const ofGuests = ({ lane }: Running): boolean => lane < 2;
  for (const [calls, any, all] of [
    [ofGuests, 3, 5],
    [(call: Running) => !ofGuests(call), 2, 3],
  ] as const) {
    expect(toGuests.filter(calls).length).toBeLessThanOrEqual(all);
    expect(silent.filter(calls).length).toBeLessThanOrEqual(any);
  }
}
