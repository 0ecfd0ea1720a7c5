import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { systemClock } from '../../src/common/clock.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { VirtualClock } from '../support/virtualClock.ts';
import { assertProperty } from '../support/property.ts';

const ms = Milliseconds;

describe("the machine's clock", () => {
  test('never goes back', () => {
    const first = systemClock.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(first);
  });

  test('runs a due timer, but not a cancelled one', async () => {
    const ran: string[] = [];
    const cancel = systemClock.after(ms(0), () => ran.push('cancelled'));
    cancel();
    cancel();
    await new Promise<void>((resolve) => {
      systemClock.after(ms(1), () => {
        ran.push('due');
        resolve();
      });
    });
    expect(ran).toEqual(['due']);
  });
});

describe("a delay longer than Node's longest timer", () => {
  const month = 30 * 24 * 60 * 60 * 1000;
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('ends after the whole delay, and not earlier', () => {
    const ran: string[] = [];
    systemClock.after(ms(2 * month), () => ran.push('due'));
    jest.advanceTimersByTime(2 * month - 1);
    expect(ran).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ran).toEqual(['due']);
  });

  test.each([0, 1.5 * month])('can be cancelled after %d ms', (passed) => {
    const ran: string[] = [];
    const cancel = systemClock.after(ms(2 * month), () => ran.push('due'));
    jest.advanceTimersByTime(passed);
    cancel();
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(3 * month);
    expect(ran).toEqual([]);
  });

  test('behaves the same on a virtual clock', async () => {
    jest.useRealTimers();
    const clock = new VirtualClock();
    const ran: string[] = [];
    clock.after(ms(2 * month), () => ran.push('due'));
    await clock.advance(ms(2 * month - 1));
    expect(ran).toEqual([]);
    await clock.advance(ms(1));
    expect(ran).toEqual(['due']);
  });
});

describe('a virtual clock', () => {
  test('stands still until it is advanced', async () => {
    const clock = new VirtualClock();
    expect(clock.now()).toBe(0);
    await clock.advance(ms(1500));
    expect(clock.now()).toBe(1500);
  });

  test('runs timers in order of time, then of creation', async () => {
    await assertProperty(
      fc.asyncProperty(fc.array(fc.nat(50)), async (delays) => {
        const clock = new VirtualClock();
        const ran: { readonly delay: number; readonly order: number; readonly at: number }[] = [];
        delays.forEach((delay, order) => {
          clock.after(ms(delay), () => ran.push({ delay, order, at: clock.now() }));
        });
        await clock.advance(ms(100));
        const expected = delays
          .map((delay, order) => ({ delay, order, at: delay }))
          .sort((a, b) => a.delay - b.delay || a.order - b.order);
        expect(ran).toEqual(expected);
      }),
    );
  });

  test('runs timers and promises that start during an advance', async () => {
    const clock = new VirtualClock();
    const ran: number[] = [];
    clock.after(ms(10), () => {
      void Promise.resolve().then(() => clock.after(ms(10), () => ran.push(clock.now())));
    });
    await clock.advance(ms(19));
    expect(ran).toEqual([]);
    await clock.advance(ms(1));
    expect(ran).toEqual([20]);
  });

  test('runs a negative delay at once, and no cancelled timer', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    clock.after(ms(-5), () => ran.push('late'));
    clock.after(ms(1), () => ran.push('cancelled'))();
    await clock.advance(ms(1));
    expect(ran).toEqual(['late']);
  });
});
