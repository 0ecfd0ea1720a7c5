import { expect, test } from '@jest/globals';
import { Calls } from '../../../src/host/simulated/calls.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const never = new Promise<never>(() => undefined);
const opened = () => {
  const clock = new VirtualClock();
  const calls = new Calls(clock);
  calls.open();
  return { clock, calls };
};

test("a call runs after its caller's turn, and resolves with its result", async () => {
  const { calls } = opened();
  const order: string[] = [];
  const call = calls.perform(undefined, () => order.push('call'));
  order.push('caller');
  expect(await call).toBe(2);
  expect(order).toEqual(['caller', 'call']);
});

test('a call rejects with its error', async () => {
  const { calls } = opened();
  const failing = calls.perform({}, () => {
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
});

test('a call ends at its time limit', async () => {
  const { clock, calls } = opened();
  const call = calls.perform({ timeout: Milliseconds(50) }, () => never);
  const failed = expect(call).rejects.toMatchObject({ kind: 'timed-out' });
  await clock.advance(Milliseconds(50));
  await failed;
});

test('a call ends when its signal aborts, and does not start after that', async () => {
  const { calls } = opened();
  const giveUp = new AbortController();
  const { signal } = giveUp;
  const call = calls.perform({ signal }, () => never);
  giveUp.abort();
  await expect(call).rejects.toMatchObject({ kind: 'timed-out', message: 'the call was aborted' });
  let begun = false;
  await expect(
    calls.perform({ signal }, () => {
      begun = true;
    }),
  ).rejects.toThrow('aborted');
  expect(begun).toBe(false);
});

test('all calls end with the connection', async () => {
  const { calls } = opened();
  const call = calls.perform(undefined, () => never);
  calls.cut('gone');
  await expect(call).rejects.toMatchObject({ kind: 'unreachable', message: 'gone' });
  await expect(calls.perform(undefined, () => 1)).rejects.toThrow('not connected');
});
