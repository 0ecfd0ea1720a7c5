import { didYouMean } from './similar.ts';

interface Reserved {
  readonly reservationID: string;
  readonly for?: string;
}

/** Returns the reservation that a person means: by what it is for, or by the beginning of its id; or why none is. */
export function chooseReservation<R extends Reserved>(
  word: string,
  reservations: readonly R[],
): R | { readonly message: string } {
  const named = reservations.filter((each) => each.for === word);
  const begun = reservations.filter(({ reservationID: id }) => id.startsWith(word.toLowerCase()));
  const [first, ...others] = named.length > 0 ? named : begun;
  if (first && others.length === 0) return first;
  if (first) {
    const ids = [first, ...others].map(({ reservationID: id }) => id.slice(0, 8)).join(', ');
    return { message: `"${word}" may be any of ${ids}; write more of the id.` };
  }
  const names = reservations.flatMap((each) => each.for ?? []);
  const hint = didYouMean(word, names) || ' See vmemctl reservations.';
  return { message: `There is no reservation "${word}".${hint}` };
}
