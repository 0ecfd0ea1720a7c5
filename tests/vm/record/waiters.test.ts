import { expect, test } from '@jest/globals';
import { Waiters } from '../../../src/vm/record/waiters.ts';
import { operation, unplug } from '../../memory/operations.ts';

const PENDING = Symbol('pending');
const now = (promise: Promise<unknown>) => Promise.race([promise, Promise.resolve(PENDING)]);

const ended = operation([unplug({ state: 'done' })]);

test('all callers that wait for an operation get it when it ends', async () => {
  const waiters = new Waiters();
  const waits = [waiters.wait('a'), waiters.wait('a')];
  expect(await Promise.all(waits.map(now))).toEqual([PENDING, PENDING]);
  waiters.end(ended);
  expect(await Promise.all(waits)).toEqual([ended, ended]);
});

test('the end of an operation does not end the wait for another one', async () => {
  const waiters = new Waiters();
  const wait = waiters.wait('b');
  waiters.end(ended);
  expect(await now(wait)).toBe(PENDING);
});

test('a wait that begins after an end waits for the next one', async () => {
  const waiters = new Waiters();
  waiters.end(ended);
  const wait = waiters.wait('a');
  expect(await now(wait)).toBe(PENDING);
  const again = operation([unplug({ state: 'done', late: true })]);
  waiters.end(again);
  expect(await wait).toBe(again);
});
