/** One share of an amount: between `low` and `high`, in proportion to `weight` where neither limits it. */
export interface Share {
  readonly low: number;
  readonly high: number;
  readonly weight: number;
}

/**
 * Returns the weighted max-min fair division of `amount`: each share is `level × weight`, held between its bounds, with
 * the one level at which the shares add up to the amount. Less than all lower bounds gives the lower bounds, more than
 * all upper bounds the upper bounds. O(n log n).
 */
export function divide(shares: readonly Share[], amount: number): number[] {
  const level = waterLevel(shares, amount);
  return shares.map((share) => sizeAt(share, level));
}

const sizeAt = ({ low, high, weight }: Share, level: number): number =>
  Math.min(high, Math.max(low, level * weight));

/**
 * The total rises with the level along straight lines, which bend where a share leaves its lower or reaches its upper
 * bound: finds the last bend that is not above the amount, and follows the line from there.
 */
function waterLevel(shares: readonly Share[], amount: number): number {
  const count = shares.length;
  const [lows, highs, weights] = [numbers(count), numbers(count), numbers(count)];
  const bends = numbers(2 * count);
  let [least, most] = [0, 0];
  for (const [index, { low, high, weight }] of shares.entries()) {
    least += lows[index] = low;
    most += highs[index] = high;
    weights[index] = weight;
    bends[2 * index] = low / weight;
    bends[2 * index + 1] = high / weight;
  }
  if (amount <= least) return -Infinity;
  if (amount >= most) return Infinity;
  bends.sort();
  const bounds = { lows, highs, weights };
  let [below, above] = [0, bends.length];
  while (above - below > 1) {
    const middle = (below + above) >> 1;
    if (lineAt(bounds, bends[middle] ?? Infinity).total <= amount) below = middle;
    else above = middle;
  }
  const level = bends[below] ?? 0;
  const { total, slope } = lineAt(bounds, level);
  return slope === 0 ? level : level + (amount - total) / slope;
}

/** Arrays of numbers, as this is what a round with many guests spends its time on. */
interface Bounds {
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  readonly weights: Float64Array;
}

/** The total at a level, and how fast it rises from there. */
function lineAt({ lows, highs, weights }: Bounds, level: number): { total: number; slope: number } {
  let [total, slope] = [0, 0];
  for (let index = 0; index < lows.length; index++) {
    const low = lows[index] ?? 0;
    const high = highs[index] ?? 0;
    const weight = weights[index] ?? 1;
    total += Math.min(high, Math.max(low, level * weight));
    if (low / weight <= level && level < high / weight) slope += weight;
  }
  return { total, slope };
}

const numbers = (count: number): Float64Array => new Float64Array(count);
