import { expect, test } from '@jest/globals';
import { Pulse } from '../../src/libvirt/pulse.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { passTime } from '../support/until.ts';
import { VirtualClock } from '../support/virtualClock.ts';

/** Reads a guest whose CPU time is that of `cpuTime`; returns the answer once it comes. */
function ask(cpuTime: () => bigint | Promise<bigint>, isWanted = (): boolean => true) {
  const clock = new VirtualClock();
  const pulse = new Pulse(() => Promise.resolve().then(cpuTime), clock);
  return async (): Promise<boolean> => {
    let answer: boolean | undefined;
    void pulse.isAlive('x', isWanted).then((isAlive) => (answer = isAlive));
    for (let i = 0; i < 20 && answer === undefined; i++) await clock.advance(Milliseconds(250));
    return answer ?? Promise.reject(new Error('no answer in five seconds'));
  };
}

test('a guest that uses CPU time shows a sign of life', async () => {
  let used = 0n;
  expect(await ask(() => used++)()).toBe(true);
});

test('a guest that uses none does not, until it uses some', async () => {
  let reads = 0;
  let used = 7n;
  const isAlive = ask(() => {
    reads++;
    return used;
  });
  expect(await isAlive()).toBe(false);
  const before = reads;
  expect([await isAlive(), reads - before]).toEqual([false, 1]);
  used = 8n;
  expect(await isAlive()).toBe(false);
});

test('a guest that resumes between two readings shows a sign of life', async () => {
  let reads = 0;
  expect(await ask(() => (reads++ < 5 ? 7n : 8n))()).toBe(true);
});

test('a guest is silent from a check in vain until one that finds a sign of life', async () => {
  const clock = new VirtualClock();
  let used = 7n;
  const pulse = new Pulse(() => Promise.resolve(used), clock);
  expect(
    await passTime(
      clock,
      pulse.isAlive('x', () => true),
    ),
  ).toBe(false);
  expect(pulse.silent).toEqual(['x']);
  used = 8n;
  const again = pulse.isAlive('x', () => true);
  await clock.advance(Milliseconds(500));
  used = 9n;
  expect(await passTime(clock, again)).toBe(true);
  expect(pulse.silent).toEqual([]);
});

test('a guest that cannot be read shows none', async () => {
  expect(await ask(() => Promise.reject(new Error('no domain')))()).toBe(false);
});

test('a guest is not read for a call that gets its turn at once, nor further once it has it', async () => {
  let reads = 0;
  const cpuTime = (): bigint => BigInt((reads++, 7));
  expect([await ask(cpuTime, () => false)(), reads]).toEqual([false, 0]);
  expect([await ask(cpuTime, () => reads < 3)(), reads]).toEqual([false, 3]);
  const isAlive = ask(cpuTime);
  expect(await isAlive()).toBe(false);
});
