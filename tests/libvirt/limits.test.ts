import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { StuckError } from '../../src/libvirt/error.ts';
import {
  Limits,
  NO_PLACES,
  STATISTICS_PLACES,
  type Lane,
  type Ticket,
} from '../../src/libvirt/limits.ts';
import { assertProperty } from '../support/property.ts';

/** Enters calls and records which have started and which were refused. */
function recorder(lane: Lane) {
  const started: string[] = [];
  const failed: [string, unknown][] = [];
  const tickets = new Map<string, Ticket>();
  return {
    started,
    failed,
    enter: (name: string, domains?: readonly string[], isSlow = false) =>
      tickets.set(
        name,
        lane.enter(
          { domains, isSlow },
          {
            start: () => started.push(name),
            fail: (reason) => failed.push([name, reason]),
          },
        ),
      ),
    leave: (name: string) => tickets.get(name)?.leave(),
    abandon: (name: string) => tickets.get(name)?.abandon(),
  };
}

test('a connection carries four calls at a time, and starts the next in order', () => {
  const calls = recorder(new Limits().lane());
  for (const name of 'abcdef') calls.enter(name);
  expect(calls.started).toEqual(['a', 'b', 'c', 'd']);
  calls.leave('b');
  calls.leave('b');
  expect(calls.started).toEqual(['a', 'b', 'c', 'd', 'e']);
});

/** Limits under which these guests show a sign of life. */
const livelyLimits = (...lively: string[]) =>
  new Limits({
    isAlive: (uuid) => Promise.resolve(lively.includes(uuid)),
    nameOf: (uuid) => uuid.toUpperCase(),
  });
/** Lets what is known about signs of life have its effect. */
const settled = () => new Promise(setImmediate);

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

test('a connection without places for guests serves calls to none of them', () => {
  const limits = new Limits();
  const calls = recorder(limits.lane(NO_PLACES));
  const guests = recorder(limits.lane());
  for (const name of 'abc') guests.enter(name, [name]);
  for (const name of 'abc') guests.abandon(name);
  calls.enter('destroy');
  expect(calls.started).toEqual(['destroy']);
});

test('slow calls leave a place to quick ones, which pass those that wait', () => {
  const calls = recorder(new Limits().lane(NO_PLACES));
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
  const statistics = recorder(limits.lane(STATISTICS_PLACES));
  for (const name of 'ab') statistics.enter(name, [name]);
  for (const name of 'cde') control.enter(name, [name]);
  expect(control.started).toEqual(['c', 'd']);
  statistics.leave('a');
  expect(control.started).toEqual(['c', 'd', 'e']);
});

test('calls to hung guests leave the others of all connections their places', () => {
  const limits = new Limits();
  const control = recorder(limits.lane());
  const statistics = recorder(limits.lane(STATISTICS_PLACES));
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
  const calls = recorder(limits.lane(STATISTICS_PLACES));
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

const step = fc.record({
  lane: fc.integer({ min: 0, max: 1 }),
  act: fc.constantFrom('enter', 'leave', 'abandon', 'wait'),
  domain: fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { nil: undefined }),
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
      const limits = livelyLimits('a', 'b', 'c');
      const lanes = [limits.lane(), limits.lane(STATISTICS_PLACES)];
      const inFlight = new Map<object, Running>();
      const tickets: { key: object; ticket: Ticket }[] = [];
      for (const { lane, act, domain, which } of steps) {
        const entered = tickets[which % Math.max(1, tickets.length)];
        if (act === 'enter') {
          const key = {};
          const start = () => inFlight.set(key, { lane, domain });
          const fail = (): void => undefined;
          const domains = domain === undefined ? undefined : [domain];
          const ticket = lanes[lane]?.enter({ domains }, { start, fail });
          if (ticket) tickets.push({ key, ticket });
        } else if (act === 'wait') {
          await settled();
        } else if (entered && act === 'leave') {
          inFlight.delete(entered.key);
          entered.ticket.leave();
        } else if (entered) {
          const call = inFlight.get(entered.key);
          if (call) call.isStuck = true;
          entered.ticket.abandon();
        }
        const running = [...inFlight.values()];
        const toGuests = running.filter((each) => each.domain);
        expect(toGuests.filter(({ isStuck }) => !isStuck).length).toBeLessThanOrEqual(4);
        expect(new Set(toGuests.map((each) => each.domain)).size).toBe(toGuests.length);
        for (const each of [0, 1]) {
          const its = running.filter((call) => call.lane === each);
          expect(its.length).toBeLessThanOrEqual(4);
          const ofIts = toGuests.filter((call) => call.lane === each);
          expect(ofIts.length).toBeLessThanOrEqual(4 - each);
          const silent = ofIts.filter((call) => 'def'.includes(call.domain ?? ''));
          expect(silent.length).toBeLessThanOrEqual(3 - each);
        }
      }
    }),
  ));
