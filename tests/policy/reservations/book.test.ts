import { expect, test } from '@jest/globals';
import { KiB } from '../../../src/common/units.ts';
import {
  type Book,
  emptyBook,
  reconciled,
  type Reservation,
  withDone,
  withReservation,
  without,
  withReturn,
  withTake,
} from '../../../src/policy/reservations/book.ts';

const MIB = 1024;
const mib = (size: number): KiB => KiB(size * MIB);

const reservation = (id: string): Reservation => ({
  id,
  amount: mib(100),
  origin: 'client',
  depth: 'used',
  since: 0,
  deadline: 0,
  takes: {},
});

/** Two reservations: a took 100 MiB from vm, b 50 MiB more. */
const taken = (): Book => {
  const both = ['a', 'b'].map(reservation).reduce(withReservation, emptyBook);
  const first = withDone(withTake(both, 'a', 'vm', { from: mib(0), to: mib(100) }), 'vm');
  return withDone(withTake(first, 'b', 'vm', { from: mib(100), to: mib(150) }), 'vm');
};

const takes = ({ reservations }: Book) =>
  reservations.map(({ id, takes: of }) => [id, (of['vm'] ?? 0) / MIB]);

test('what is taken for a reservation is to be given back once it ends', () => {
  const ended = without(taken(), 'a', true);
  expect(ended.toReturn).toEqual({ vm: mib(100) });
  expect(takes(ended)).toEqual([['b', 50]]);
});

test('a target that was noted and not set did not happen', () => {
  const noted = withTake(taken(), 'b', 'vm', { from: mib(150), to: mib(200) });
  const after = reconciled(noted, 'vm', { held: mib(150), by: 'policy' });
  expect(takes(after)).toEqual(takes(taken()));
  expect(after.asked).toEqual(taken().asked);
});

test('what was noted for a reservation that has ended, and not set, is not to be given back', () => {
  const one = withReservation(emptyBook, reservation('a'));
  const noted = withTake(one, 'a', 'vm', { from: mib(0), to: mib(100) });
  const seen = { held: mib(0), by: 'start' } as const;
  expect(reconciled(without(noted, 'a', true), 'vm', seen)).toEqual(emptyBook);
  expect(reconciled(without(noted, 'a', false), 'vm', seen)).toEqual(emptyBook);
});

test('of several targets sent as one, all or none happened', () => {
  const one = withTake(taken(), 'a', 'vm', { from: mib(150), to: mib(200) });
  const both = withTake(one, 'b', 'vm', { from: mib(200), to: mib(230) });
  expect(takes(reconciled(both, 'vm', { held: mib(230), by: 'policy' }))).toEqual([
    ['a', 150],
    ['b', 80],
  ]);
  const undone = reconciled(both, 'vm', { held: mib(150), by: 'policy' });
  expect(takes(undone).reduce((sum, [, size]) => sum + Number(size), 0)).toBe(150);
});

test('a target that somebody else has set is left alone', () => {
  const after = reconciled(taken(), 'vm', { held: mib(20), by: 'client' });
  expect(takes(after)).toEqual([
    ['a', 0],
    ['b', 0],
  ]);
  expect(after.asked).toEqual({});
});

test('nothing is to be given back to a VM that has ended', () => {
  expect(reconciled(without(taken(), 'a', true), 'vm', undefined).toReturn).toEqual({});
});

test('what is given back counts once its target is set', () => {
  const ended = without(without(taken(), 'a', true), 'b', true);
  const noted = withReturn(ended, 'vm', { from: mib(150), to: mib(90) });
  expect(noted.toReturn).toEqual({ vm: mib(150) });
  const seen = (held: number) => reconciled(noted, 'vm', { held: mib(held), by: 'policy' });
  expect(seen(90).toReturn).toEqual({ vm: mib(90) });
  expect(seen(150).toReturn).toEqual({ vm: mib(150) });
});

test('a VM that has got all back is not concerned any more', () => {
  const ended = without(without(taken(), 'a', true), 'b', true);
  const noted = withReturn(ended, 'vm', { from: mib(150), to: mib(0) });
  expect(reconciled(noted, 'vm', { held: mib(0), by: 'policy' })).toEqual(emptyBook);
});

test('what a guest takes back by itself is not taken any more, and the rest still is', () => {
  const after = reconciled(taken(), 'vm', { held: mib(120), by: 'outside' });
  expect(takes(after)).toEqual([
    ['a', 100],
    ['b', 20],
  ]);
  expect(reconciled(after, 'vm', { held: mib(120), by: 'outside' })).toBe(after);
});

test('what a guest takes back by itself is not to be given back any more', () => {
  const ended = without(without(taken(), 'a', true), 'b', true);
  const after = reconciled(ended, 'vm', { held: mib(120), by: 'outside' });
  expect(after.toReturn).toEqual({ vm: mib(120) });
});

test('a balloon that another program has emptied is left alone', () => {
  const after = reconciled(taken(), 'vm', { held: mib(20), by: 'outside' });
  expect(after.asked).toEqual({});
});
