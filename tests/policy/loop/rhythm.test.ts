import { expect, test } from '@jest/globals';
import { Milliseconds } from '../../../src/common/units.ts';
import { Rhythm } from '../../../src/policy/loop/rhythm.ts';
import { recorder } from '../../support/call.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

/** A rhythm of 5 s whose rounds take `duration` seconds. */
function opened(duration = 0) {
  const clock = new VirtualClock();
  const { log, lines } = recorder();
  const held: string[] = [];
  const stalls = new Set<() => void>();
  const fixture = {
    duration,
    isFailing: false,
    running: 0,
    most: 0,
    advance: (n: number) => clock.advance(Milliseconds(n * 1000)),
    stall: () => {
      for (const listener of stalls) listener();
    },
  };
  const rhythm = new Rhythm({
    clock,
    log,
    interval: Milliseconds(5000),
    watchStall: (listener) => {
      stalls.add(listener);
      return () => stalls.delete(listener);
    },
    hold: async (cause) => {
      held.push(`${cause} at ${String(clock.now() / 1000)}`);
      fixture.running += 1;
      fixture.most = Math.max(fixture.most, fixture.running);
      await new Promise<void>((resolve) => {
        clock.after(Milliseconds(fixture.duration * 1000), resolve);
      });
      fixture.running -= 1;
      if (fixture.isFailing) throw new Error('a bug');
    },
  });
  return Object.assign(fixture, { rhythm, held, stalls, lines });
}

test('a round is held when rounds are turned on, and each interval from its beginning', async () => {
  const { rhythm, held, advance } = opened(2);
  rhythm.start();
  await advance(10);
  expect(held).toEqual([]);
  rhythm.turn(true);
  await advance(11);
  expect(held).toEqual(['request at 10', 'interval at 15', 'interval at 20']);
});

test('a stall is followed by a round at once, and by the next one an interval later', async () => {
  const { rhythm, held, advance, stall } = opened();
  rhythm.turn(true);
  rhythm.start();
  await advance(3);
  stall();
  await advance(6);
  expect(held).toEqual(['request at 0', 'stall at 3', 'interval at 8']);
});

test('stalls one after the other cause a round each second at most', async () => {
  const { rhythm, held, advance, stall } = opened();
  rhythm.turn(true);
  rhythm.start();
  for (let n = 0; n < 20; n += 1) {
    await advance(0.1);
    stall();
  }
  expect(held).toEqual(['request at 0', 'stall at 1', 'stall at 2']);
});

test('a stall during a round is followed by one after it, never by two at once', async () => {
  const fixture = opened(3);
  fixture.rhythm.turn(true);
  fixture.rhythm.start();
  await fixture.advance(1);
  fixture.stall();
  fixture.stall();
  await fixture.advance(5);
  expect(fixture.held).toEqual(['request at 0', 'stall at 3']);
  expect(fixture.most).toBe(1);
});

test('a round that lasts longer than the interval delays the next one, and none is made up for', async () => {
  const fixture = opened(12);
  fixture.rhythm.turn(true);
  fixture.rhythm.start();
  await fixture.advance(30);
  expect(fixture.held).toEqual(['request at 0', 'interval at 12.1', 'interval at 24.2']);
  expect(fixture.most).toBe(1);
});

test('rounds that are off, or have stopped, are held neither by time nor by a stall', async () => {
  const { rhythm, held, advance, stall, stalls } = opened();
  rhythm.turn(true);
  rhythm.start();
  await advance(1);
  rhythm.turn(false);
  stall();
  await advance(20);
  rhythm.turn(true);
  await advance(1);
  rhythm.stop();
  stall();
  rhythm.turn(true);
  await advance(20);
  expect(held).toEqual(['request at 0', 'request at 21']);
  expect(stalls.size).toBe(0);
});

test('turning rounds off and on in mid-round holds no second one beside it', async () => {
  const fixture = opened(3);
  fixture.rhythm.turn(true);
  fixture.rhythm.start();
  await fixture.advance(1);
  fixture.rhythm.turn(false);
  fixture.rhythm.turn(true);
  await fixture.advance(3);
  expect(fixture.held).toEqual(['request at 0', 'request at 3']);
  expect(fixture.most).toBe(1);
});

test('a round that fails is logged as a bug, and the next one is held', async () => {
  const fixture = opened();
  fixture.isFailing = true;
  fixture.rhythm.turn(true);
  fixture.rhythm.start();
  await fixture.advance(6);
  expect(fixture.held).toHaveLength(2);
  expect(fixture.lines).toHaveLength(2);
  expect(fixture.lines[0]).toMatchObject({ level: 50, event: 'bug' });
});
