import { expect, test } from '@jest/globals';
import { sampledLog } from '../../src/jsonrpc/sampledLog.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { recorder } from '../support/call.ts';
import { VirtualClock } from '../support/virtualClock.ts';

test('of many lines with one text ten are written, then how many more there were', async () => {
  const clock = new VirtualClock();
  const { lines, log } = recorder();
  const sampled = sampledLog(log, clock);
  for (let i = 0; i < 1000; i++) sampled.info({ address: String(i) }, 'refused');
  sampled.warn({ address: 'other' }, 'another text');
  expect(lines).toHaveLength(11);
  await clock.advance(Milliseconds(10_000));
  expect(lines).toHaveLength(12);
  expect(lines.at(-1)).toMatchObject({ more: 990, msg: 'refused (990 more in 10 s)' });
  sampled.info({ address: 'later' }, 'refused');
  expect(lines.at(-1)).toMatchObject({ address: 'later', msg: 'refused' });
});

test('the events of all lines are counted, also of those that are not written', () => {
  const events: string[] = [];
  const sampled = sampledLog(recorder('fatal').log, new VirtualClock(), (event) =>
    events.push(event),
  );
  for (let i = 0; i < 20; i++) sampled.info({ event: 'no_place' }, 'closed');
  sampled.warn({ address: 'other' }, 'no event');
  expect(events).toEqual(Array.from({ length: 20 }, () => 'no_place'));
});

test('few lines are all written, and nothing more', async () => {
  const clock = new VirtualClock();
  const { lines, log } = recorder();
  const sampled = sampledLog(log, clock);
  for (let i = 0; i < 10; i++) sampled.warn('refused');
  await clock.advance(Milliseconds(10_000));
  expect(lines).toHaveLength(10);
});

test('other levels and child logs are as they were', () => {
  const { lines, log } = recorder();
  const sampled = sampledLog(log, new VirtualClock());
  for (let i = 0; i < 20; i++) sampled.child({ a: 1 }).info('of a child');
  for (let i = 0; i < 20; i++) sampled.error('an error');
  expect(lines).toHaveLength(40);
  expect(lines[0]).toMatchObject({ a: 1, msg: 'of a child' });
});
