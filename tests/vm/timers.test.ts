import { expect, test } from '@jest/globals';
import { Milliseconds } from '../../src/common/units.ts';
import { Timers } from '../../src/vm/timers.ts';
import { VirtualClock } from '../support/virtualClock.ts';

const DELAY = Milliseconds(1000);

function open() {
  const clock = new VirtualClock();
  const timers = new Timers(clock);
  const ran: string[] = [];
  const set = (name: string, text = name, delay = DELAY) => {
    timers.set(name, delay, () => ran.push(text));
  };
  return { clock, timers, ran, set };
}

test('a timer runs once, after its delay', async () => {
  const { clock, timers, ran, set } = open();
  set('one');
  expect(timers.has('one')).toBe(true);
  await clock.advance(Milliseconds(999));
  expect(ran).toEqual([]);
  await clock.advance(DELAY);
  expect(ran).toEqual(['one']);
  expect(timers.has('one')).toBe(false);
});

test('a timer that is set again replaces the one before', async () => {
  const { clock, ran, set } = open();
  set('one', 'first');
  await clock.advance(Milliseconds(600));
  set('one', 'second');
  await clock.advance(Milliseconds(600));
  expect(ran).toEqual([]);
  await clock.advance(DELAY);
  expect(ran).toEqual(['second']);
});

test('timers of different names are independent', async () => {
  const { clock, ran, set } = open();
  set('one');
  set('two', 'two', Milliseconds(500));
  await clock.advance(DELAY);
  expect(ran).toEqual(['two', 'one']);
});

test('timers without a name are independent', async () => {
  const { clock, timers, ran } = open();
  for (const name of ['one', 'two']) timers.add(DELAY, () => ran.push(name));
  await clock.advance(DELAY);
  expect(ran).toEqual(['one', 'two']);
});

test('a timer can set itself again while it runs', async () => {
  const { clock, timers, ran, set } = open();
  timers.set('one', DELAY, () => {
    expect(timers.has('one')).toBe(false);
    set('one', 'again');
  });
  await clock.advance(DELAY);
  expect(timers.has('one')).toBe(true);
  await clock.advance(DELAY);
  expect(ran).toEqual(['again']);
});

test('after close no timer runs, and none can be set', async () => {
  const { clock, timers, ran, set } = open();
  set('one');
  timers.close();
  set('one');
  set('two');
  expect([timers.has('one'), timers.has('two')]).toEqual([false, false]);
  await clock.advance(DELAY);
  expect(ran).toEqual([]);
});

test('after clear no timer runs, and new ones can be set', async () => {
  const { clock, timers, ran, set } = open();
  set('one');
  set('two');
  timers.clear();
  expect(timers.has('one')).toBe(false);
  set('two', 'new');
  await clock.advance(DELAY);
  expect(ran).toEqual(['new']);
});
