import { expect, test } from '@jest/globals';
import { KiB, Milliseconds, Seconds } from '../../../src/common/units.ts';
import type { Reservation } from '../../../src/policy/reservations/book.ts';
import { Holds } from '../../../src/policy/reservations/holds.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

/** A clock whose wall time can be set. */
class SetClock extends VirtualClock {
  shift = 0;
  override wallTime(): Seconds {
    return Seconds(super.wallTime() + this.shift);
  }
}

const heldFor = (clock: SetClock, hold: number): Reservation => {
  const now = Milliseconds(clock.wallTime() * 1000);
  return {
    id: 'r',
    amount: KiB(1024),
    origin: 'client',
    depth: 'used',
    since: now,
    deadline: now,
    madeAt: now,
    hold: Seconds(hold),
    takes: {},
  };
};

test.each([86_400, -86_400])(
  'a wall clock set by %d s changes no time of a reservation',
  async (shift) => {
    const clock = new SetClock();
    const holds = new Holds(clock);
    const reservation = heldFor(clock, 60);
    expect(holds.isOver(reservation)).toBe(false);
    clock.shift = shift;
    await clock.advance(Milliseconds(59_000));
    expect(holds.isOver(reservation)).toBe(false);
    await clock.advance(Milliseconds(1000));
    expect(holds.isOver(reservation)).toBe(true);
  },
);

test('of a time that began before the start, what has passed is over, and never more than all of it is left', async () => {
  const clock = new SetClock();
  const reservation = heldFor(clock, 60);
  await clock.advance(Milliseconds(50_000));
  const later = new Holds(clock);
  const back = new Holds(clock);
  expect(later.isOver(reservation)).toBe(false);
  clock.shift = -86_400;
  expect(back.isOver(reservation)).toBe(false);
  await clock.advance(Milliseconds(10_000));
  expect([later.isOver(reservation), back.isOver(reservation)]).toEqual([true, false]);
  await clock.advance(Milliseconds(50_000));
  expect(back.isOver(reservation)).toBe(true);
});
