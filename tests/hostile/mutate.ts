import type { Random } from './random.ts';

/** Bytes that mean something in one of the formats. */
const SPECIAL = '\0\t\n\r :\\"\'<>&;={}[](),/%-0179eE\x16\x7f\x80\xbf\xc0\xe0\xff'.split('');

/** Returns a text with a few changes: characters, pieces and bits that are changed, lost, repeated or moved. */
export function mutated(text: string, random: Random): string {
  let result = text;
  for (let left = 1 + random.below(4); left > 0; left--) result = changed(result, random);
  return result;
}

function changed(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const end = Math.min(text.length, at + 1 + random.below(random.pick([1, 4, 32])));
  const [before, piece, after] = [text.slice(0, at), text.slice(at, end), text.slice(end)];
  return random.one(
    () => before + after,
    () => before + random.pick(SPECIAL) + piece + after,
    () => before + random.pick(SPECIAL) + after,
    () => before + piece + piece + after,
    () => before + piece.repeat(random.below(200)) + after,
    () => before + flipped(piece, random) + after,
    () => before + String.fromCharCode(random.below(256)) + after,
    () => before,
    () => after + before + piece,
  );
}

const flipped = (piece: string, random: Random): string =>
  piece === '' ? '' : (
    String.fromCharCode(piece.charCodeAt(0) ^ (1 << random.below(8))) + piece.slice(1)
  );

/** Returns a text in pieces, as a network may deliver it. */
export function cut(text: string, random: Random): string[] {
  if (random.chance(0.6)) return [text];
  if (random.chance(0.1) && text.length < 200) return text.split('');
  const ends = random.list(5, () => random.below(text.length + 1)).sort((a, b) => a - b);
  return [0, ...ends].map((from, i) => text.slice(from, ends[i] ?? text.length));
}
