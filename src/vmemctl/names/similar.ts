/** Returns the candidate that a mistyped word probably means; undefined if none is near. */
export function similar(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.toLowerCase();
  // one slip in a short word, more in a longer one
  let least = Math.ceil(typed.length / 3) + 1;
  let nearest: string | undefined;
  for (const candidate of candidates) {
    const away = distance(typed, candidate.toLowerCase(), least);
    if (away < least) [least, nearest] = [away, candidate];
  }
  return nearest;
}

/** Returns a question to append to an error, ` Did you mean "list"?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const meant = similar(word, candidates);
  return meant === undefined ? '' : ` Did you mean "${meant}"?`;
}

/**
 * Returns how many characters have to be inserted, removed, replaced or swapped with their neighbour to make `b` of `a`
 * (optimal string alignment), or `limit` if they are that many or more.
 */
export function distance(a: string, b: string, limit = Infinity): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(last, j) + 1,
        at(row, j - 1) + 1,
        at(last, j - 1) + (isSame ? 0 : 1),
        isSwapped ? at(before, j - 2) + 1 : Infinity,
      );
    }
    if (Math.min(...row) >= limit) return limit;
    [before, last] = [last, row];
  }
  return Math.min(at(last, b.length), limit);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Infinity;
