import { getEventListeners } from 'node:events';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Milliseconds } from '../../src/common/units.ts';
import { SerialQueue } from '../../src/vm/serialQueue.ts';
import { held, never } from '../support/faults.ts';
import { VirtualClock } from '../support/virtualClock.ts';
import { assertProperty } from '../support/property.ts';

const open = (timeout = 1000) => {
  const clock = new VirtualClock();
  return { clock, queue: new SerialQueue(clock, Milliseconds(timeout)) };
};

test('operations run one after another in the order of their calls', async () => {
  await assertProperty(
    fc.asyncProperty(fc.array(fc.nat(20), { maxLength: 10 }), async (durations) => {
      const { clock, queue } = open(1000);
      const seen: string[] = [];
      const jobs = durations.map((duration, n) =>
        queue.run(async () => {
          seen.push(`${String(n)} begins`);
          await new Promise<void>((resolve) => {
            clock.after(Milliseconds(duration), resolve);
          });
          seen.push(`${String(n)} ends`);
          return n;
        }),
      );
      await clock.advance(Milliseconds(500));
      expect(await Promise.all(jobs)).toEqual(durations.map((_, n) => n));
      expect(seen).toEqual(
        durations.flatMap((_, n) => [`${String(n)} begins`, `${String(n)} ends`]),
      );
    }),
  );
});

test('an operation that fails does not stop the next one', async () => {
  const { queue } = open();
  const failing = queue.run(() => Promise.reject(new Error('no')));
  const next = queue.run(() => Promise.resolve('yes'));
  await expect(failing).rejects.toThrow('no');
  await expect(next).resolves.toBe('yes');
});

test('an operation that throws synchronously does not stop the next one', async () => {
  const { queue } = open();
  const failing = queue.run(() => {
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  await expect(queue.run(() => Promise.resolve('yes'))).resolves.toBe('yes');
});

test('an operation that takes too long fails, and its signal is aborted', async () => {
  const { clock, queue } = open();
  let signal: AbortSignal | undefined;
  const stuck = queue.run((options) => {
    ({ signal } = options);
    return never();
  });
  const told = expect(stuck).rejects.toMatchObject({
    kind: 'timed-out',
    message: expect.stringContaining('no result within 1 s'),
  });
  await clock.advance(Milliseconds(999));
  expect(signal?.aborted).toBe(false);
  await clock.advance(Milliseconds(1));
  expect(signal?.aborted).toBe(true);
  await told;
});

test('the timeout includes the wait for a turn, and an operation whose time is over is not started', async () => {
  const { clock, queue } = open();
  const first = held<string>();
  const begun: string[] = [];
  const stuck = expect(queue.run(() => first.answer)).rejects.toMatchObject({
    kind: 'timed-out',
  });
  const waiting = expect(
    queue.run(() => {
      begun.push('second');
      return Promise.resolve();
    }),
  ).rejects.toMatchObject({ kind: 'timed-out' });
  await clock.advance(Milliseconds(1000));
  await Promise.all([stuck, waiting]);
  first.release('late');
  await clock.advance(Milliseconds(1));
  expect(begun).toEqual([]);
  await expect(queue.run(() => Promise.resolve('third'))).resolves.toBe('third');
});

test('the signal of an operation that ended in time is not aborted later', async () => {
  const { clock, queue } = open();
  let signal: AbortSignal | undefined;
  await queue.run((options) => {
    ({ signal } = options);
    return Promise.resolve();
  });
  await clock.advance(Milliseconds(5000));
  expect(signal?.aborted).toBe(false);
});

test('an operation that is run to its end throws no earlier than it has ended, although its time was over', async () => {
  const { clock, queue } = open(100);
  let isUndone = false;
  const work = queue.runToEnd(async ({ signal }) => {
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    await new Promise<void>((resolve) => {
      clock.after(Milliseconds(50), resolve);
    });
    isUndone = true;
    throw new Error('the call was given up');
  });
  const seen = work.catch((error: unknown) => ({ error, isUndone }));
  await clock.advance(Milliseconds(200));
  expect(await seen).toEqual({ error: new Error('the call was given up'), isUndone: true });
});

test('an operation that is run to its end and gets no turn in time throws at its timeout', async () => {
  const { clock, queue } = open(100);
  const stuck = queue.run(never).catch(() => undefined);
  const work = expect(queue.runToEnd(() => Promise.resolve(1))).rejects.toThrow('no result within');
  await clock.advance(Milliseconds(150));
  await Promise.all([work, stuck]);
});

test('an operation that has ended leaves no listener on its signal', async () => {
  const { queue } = open();
  const signal = await queue.run((options) => Promise.resolve(options.signal));
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
