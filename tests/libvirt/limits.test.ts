import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { StuckError } from '../../src/libvirt/error.ts';
import { Limits, STATISTICS_PLACES, type Lane, type Ticket } from '../../src/libvirt/limits.ts';
import { assertProperty } from '../support/property.ts';

/** Enters calls and records which have started and which were refused. */
function recorder(lane: Lane) {
  const started: string[] = [];
  const failed: [string, unknown][] = [];
  const tickets = new Map<string, Ticket>();
  return {
    started,
    failed,
    enter: (name: string, domains?: readonly string[]) =>
      tickets.set(
        name,
        lane.enter(domains, {
          start: () => started.push(name),
          fail: (reason) => failed.push([name, reason]),
        }),
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

test('one place of a connection is reserved for calls that do not wait for guests', () => {
  const calls = recorder(new Limits().lane());
  for (const name of 'abcd') calls.enter(name, [name]);
  expect(calls.started).toEqual(['a', 'b', 'c']);
  calls.enter('destroy');
  expect(calls.started).toEqual(['a', 'b', 'c', 'destroy']);
});

test('four calls wait for guests at a time, over all connections', () => {
  const limits = new Limits();
  const control = recorder(limits.lane());
  const statistics = recorder(limits.lane());
  for (const name of 'abc') statistics.enter(name, [name]);
  for (const name of 'de') control.enter(name, [name]);
  expect(control.started).toEqual(['d']);
  statistics.leave('a');
  expect(control.started).toEqual(['d', 'e']);
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

test('statistics leave two places to control, however many guests hang', () => {
  const limits = new Limits();
  const control = recorder(limits.lane());
  const statistics = recorder(limits.lane(STATISTICS_PLACES));
  for (const name of 'abc') statistics.enter(name, [name]);
  for (const name of 'ab') statistics.abandon(name);
  for (const name of 'de') control.enter(name, [name]);
  expect([statistics.started, control.started]).toEqual([
    ['a', 'b'],
    ['d', 'e'],
  ]);
});

test('once hung guests hold all places of a connection, its calls to others are refused', () => {
  const calls = recorder(new Limits().lane(2));
  for (const name of 'abc') calls.enter(name, [name]);
  calls.abandon('a');
  expect(calls.failed).toEqual([]);
  calls.abandon('b');
  calls.enter('d', ['d']);
  expect(calls.failed).toEqual([
    ['c', expect.any(StuckError)],
    ['d', expect.any(StuckError)],
  ]);
  calls.enter('destroy');
  calls.leave('a');
  calls.enter('e', ['e']);
  expect(calls.started).toEqual(['a', 'b', 'destroy', 'e']);
});

test('once hung guests hold all places of all connections, waiting calls are refused everywhere', () => {
  const limits = new Limits();
  const control = recorder(limits.lane());
  const statistics = recorder(limits.lane(STATISTICS_PLACES));
  for (const name of 'ab') statistics.enter(name, [name]);
  for (const name of 'cde') control.enter(name, [name]);
  for (const name of 'cd') control.abandon(name);
  for (const name of 'ab') statistics.abandon(name);
  control.enter('f', ['f']);
  expect(control.failed.map(([name]) => name)).toEqual(['e', 'f']);
  expect(control.started).toEqual(['c', 'd']);
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
  act: fc.constantFrom('enter', 'leave', 'abandon'),
  domain: fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { nil: undefined }),
  which: fc.nat(30),
});

test('the limits hold after any sequence of events', () => {
  assertProperty(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const limits = new Limits();
      const lanes = [limits.lane(), limits.lane(STATISTICS_PLACES)];
      const inFlight = new Map<object, { lane: number; domain: string | undefined }>();
      const tickets: { key: object; ticket: Ticket }[] = [];
      for (const { lane, act, domain, which } of steps) {
        const entered = tickets[which % Math.max(1, tickets.length)];
        if (act === 'enter') {
          const key = {};
          const start = () => inFlight.set(key, { lane, domain });
          const fail = (): void => undefined;
          const domains = domain === undefined ? undefined : [domain];
          const ticket = lanes[lane]?.enter(domains, { start, fail });
          if (ticket) tickets.push({ key, ticket });
        } else if (entered && act === 'leave') {
          inFlight.delete(entered.key);
          entered.ticket.leave();
        } else entered?.ticket.abandon();
        const running = [...inFlight.values()];
        const waits = running.flatMap((each) => each.domain ?? []);
        expect(waits.length).toBeLessThanOrEqual(4);
        expect(new Set(waits).size).toBe(waits.length);
        for (const each of [0, 1]) {
          const its = running.filter((call) => call.lane === each);
          expect(its.length).toBeLessThanOrEqual(4);
          expect(its.filter((call) => call.domain).length).toBeLessThanOrEqual(3 - each);
        }
      }
    }),
  );
});
