import { expect, test } from '@jest/globals';
import { Milliseconds } from '../../../src/common/units.ts';
import { InFlight } from '../../../src/server/limits/inFlight.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const second = Milliseconds(1000);

test('draining ends with the last running request', async () => {
  const requests = new InFlight();
  requests.begin();
  requests.begin();
  const ended: string[] = [];
  const drained = requests.drain(new VirtualClock(), second).then(() => ended.push('drained'));
  requests.end();
  await new Promise(setImmediate);
  expect(ended).toEqual([]);
  requests.end();
  await drained;
  expect(ended).toEqual(['drained']);
});

test('draining ends at once when no request is running', async () => {
  const clock = new VirtualClock();
  await new InFlight().drain(clock, second);
  expect(clock.now()).toBe(0);
});

test('draining ends at the deadline when a request does not end', async () => {
  const clock = new VirtualClock();
  const requests = new InFlight();
  requests.begin();
  const drained = requests.drain(clock, second);
  await clock.advance(second);
  await drained;
  expect(clock.now()).toBe(1000);
});
