import { KiB } from '../../common/units.ts';
import type { Author } from '../../memory/balloonStory.ts';
import type { Typed } from '../../common/typed.ts';
import type { StoredReservations } from '../../../schema/storedReservations.ts';

/** What is reserved, what balloons took for it, and what is to be given back; sizes in KiB, VMs by their ids. */
export type Book = Omit<Typed<typeof StoredReservations>, 'version' | 'hypervisor'>;

export type Reservation = Book['reservations'][number];

type Sizes = Readonly<Record<string, KiB>>;

/** A change of what a balloon holds, in KiB. */
export type Move = Book['asked'][string];

/** What the balloon of a VM should hold by its target now, and who set that. */
export interface Seen {
  readonly held: KiB;
  readonly by: Author;
}

export const emptyBook: Book = { reservations: [], toReturn: {}, due: {}, asked: {} };

/** Balloons move by pages, and targets are clamped: a smaller difference is none. */
const TOLERANCE = 1024;

export const withReservation = (book: Book, added: Reservation): Book => ({
  ...book,
  reservations: [...book.reservations, added],
});

export const withChange = (book: Book, id: string, change: Partial<Reservation>): Book => ({
  ...book,
  reservations: book.reservations.map((one) => (one.id === id ? { ...one, ...change } : one)),
});

/**
 * Removes a reservation; what balloons took for it is to be given back: at once if it was not used, otherwise when the
 * host has it.
 */
export const without = (book: Book, id: string, isUnused: boolean): Book => {
  const ended = book.reservations.find((one) => one.id === id);
  if (!ended) return book;
  const withTaken = (sizes: Sizes): Sizes =>
    Object.entries(ended.takes).reduce(
      (all, [vm, size]) => withSize(all, vm, (all[vm] ?? 0) + size),
      sizes,
    );
  return {
    ...book,
    reservations: book.reservations.filter((one) => one !== ended),
    toReturn: withTaken(book.toReturn),
    due: isUnused ? withTaken(book.due) : book.due,
  };
};

/** Sets how much is still to be given back to a VM. */
const withToReturn = (book: Book, vm: string, size: number): Book => ({
  ...book,
  toReturn: withSize(book.toReturn, vm, size),
  due: withSize(book.due, vm, Math.min(book.due[vm] ?? 0, size)),
});

/** Notes that a balloon is asked to take more for a reservation. */
export function withTake(book: Book, id: string, vm: string, move: Move): Book {
  const before = book.asked[vm];
  // Of several asks that are sent as one, the first has the size before.
  const from = before && before.from !== before.to ? before.from : move.from;
  const taken = book.reservations.map((one) => {
    if (one.id !== id) return one;
    return { ...one, takes: withSize(one.takes, vm, (one.takes[vm] ?? 0) + move.to - move.from) };
  });
  return { ...book, reservations: taken, asked: { ...book.asked, [vm]: { from, to: move.to } } };
}

/** Notes that a balloon is to hold less than was asked: the newest reservations took that much less. */
export function withStop(book: Book, vm: string, move: Move): Book {
  let rest = move.from - move.to;
  const reservations = [...book.reservations];
  for (let index = reservations.length - 1; index >= 0 && rest > 0; index--) {
    const one = reservations[index];
    const taken = one?.takes[vm];
    if (!one || taken === undefined) continue;
    const less = Math.min(rest, taken);
    rest -= less;
    reservations[index] = { ...one, takes: withSize(one.takes, vm, taken - less) };
  }
  return { ...book, reservations, asked: { ...book.asked, [vm]: move } };
}

/** Notes that a balloon is asked to give back a part of what it took, which counts once its target is set. */
export const withReturn = (book: Book, vm: string, { from, to }: Move): Book => ({
  ...book,
  asked: { ...book.asked, [vm]: { from, to, isReturn: true } },
});

/** Notes that the target of the last change was set. */
export function withDone(book: Book, vm: string): Book {
  const move = book.asked[vm];
  if (!move) return book;
  const { from, to, isReturn } = move;
  if (from === to && isConcerned(book, vm)) return book;
  const next = isReturn ? withToReturn(book, vm, (book.toReturn[vm] ?? 0) - (from - to)) : book;
  return atRest(next, vm, to);
}

/** Notes that a balloon did not take what was noted: reservations have less of it, and those that have ended too. */
function withoutTake(book: Book, vm: string, move: Move): Book {
  const next = withStop(book, vm, move);
  const ofEnded = move.from - move.to - (takenFrom(book, vm) - takenFrom(next, vm));
  return withToReturn(next, vm, Math.max(0, (next.toReturn[vm] ?? 0) - ofEnded));
}

const takenFrom = ({ reservations }: Book, vm: string): number =>
  reservations.reduce((sum, { takes }) => sum + (takes[vm] ?? 0), 0);

/** Notes that the target of the last change was not set: it did not happen. */
function withUndone(book: Book, vm: string): Book {
  const move = book.asked[vm];
  if (!move) return book;
  const { from, to, isReturn } = move;
  if (isReturn) return atRest(book, vm, from);
  if (to > from) return atRest(withoutTake(book, vm, { from: to, to: from }), vm, from);
  const more = (sizes: Sizes): Sizes => withSize(sizes, vm, (sizes[vm] ?? 0) + from - to);
  return atRest({ ...book, toReturn: more(book.toReturn), due: more(book.due) }, vm, from);
}

/**
 * Returns the book after a look at a VM: nothing is given back to one whose target another client has set, and what was
 * noted but not asked for did not happen. `seen` is undefined for a VM that does not run.
 */
export function reconciled(book: Book, vm: string, seen: Seen | undefined): Book {
  const move = book.asked[vm];
  if (!move || !seen) return forgotten(book, vm);
  const { held, by } = seen;
  const isOurs = by === 'policy' || by === 'outside';
  if (isOurs && isNear(held, move.to)) return withDone(book, vm);
  if (move.from !== move.to && isNear(held, move.from)) return withUndone(book, vm);
  if (by !== 'outside' || held > move.to || held < move.to / 2) return forgotten(book, vm);
  return takenBack(withDone(book, vm), vm, { from: move.to, to: held });
}

/** Notes that a guest has taken back a part of its balloon by itself, as one that runs out of memory does. */
function takenBack(book: Book, vm: string, { from, to }: Move): Book {
  const before = book.toReturn[vm] ?? 0;
  const less = Math.min(before, from - to);
  const rest = { from: KiB(from - less), to };
  return atRest(withStop(withToReturn(book, vm, before - less), vm, rest), vm, to);
}

/** A VM whose balloon holds so much by its target, unless nothing more concerns it. */
const atRest = (book: Book, vm: string, held: KiB): Book =>
  isConcerned(book, vm) ?
    { ...book, asked: { ...book.asked, [vm]: { from: held, to: held } } }
  : forgotten(book, vm);

/** The VMs whose balloons took something. */
export const concernedVms = (book: Book): readonly string[] => [
  ...new Set([
    ...Object.keys(book.asked),
    ...Object.keys(book.toReturn),
    ...book.reservations.flatMap(({ takes }) => Object.keys(takes)),
  ]),
];

const isConcerned = (book: Book, vm: string): boolean =>
  book.toReturn[vm] !== undefined || book.reservations.some(({ takes }) => takes[vm] !== undefined);

/** Removes a VM from the book: nothing is given back to it. */
const forgotten = (book: Book, vm: string): Book => ({
  reservations: book.reservations.map((one) =>
    one.takes[vm] === undefined ? one : { ...one, takes: withSize(one.takes, vm, 0) },
  ),
  toReturn: withSize(book.toReturn, vm, 0),
  due: withSize(book.due, vm, 0),
  asked: Object.fromEntries(Object.entries(book.asked).filter(([name]) => name !== vm)),
});

const isNear = (one: number, other: number): boolean => Math.abs(one - other) <= TOLERANCE;

const withSize = (sizes: Sizes, vm: string, size: number): Sizes => {
  const others = Object.entries(sizes).filter(([name]) => name !== vm);
  return Object.fromEntries(size > 0 ? [...others, [vm, KiB(size)]] : others);
};
