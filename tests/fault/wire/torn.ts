import type { Meddler } from './proxy.ts';

export interface TornOptions {
  readonly random: () => number;
  /** How many bytes pass on the average before the connection is cut. */
  readonly mean: number;
  /** In milliseconds. */
  readonly longestDelay: number;
  readonly onCut: () => void;
}

/** Passes bytes in pieces and late, and cuts the connection at any byte. */
export function torn({ random, mean, longestDelay, onCut }: TornOptions): Meddler {
  let left = Math.ceil(-mean * Math.log(1 - random()));
  return (bytes) => {
    if (left <= 0) {
      onCut();
      return undefined;
    }
    const part = bytes.subarray(0, left);
    left -= bytes.length;
    const pieces = [];
    for (let at = 0; at < part.length;) {
      // Half of them are a few bytes, which end within a length or a header.
      const size = Math.ceil(random() * (random() < 0.5 ? 12 : part.length));
      const delay = random() < 0.05 ? Math.ceil(random() * longestDelay) : 0;
      pieces.push({ bytes: part.subarray(at, at + size), delay });
      at += size;
    }
    return pieces;
  };
}
