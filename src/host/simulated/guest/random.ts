/** Returns a number in [0, 1) that depends only on its arguments, so that one draw does not change another. */
export function random(seed: number, subject: string): number {
  let hash = 2166136261 ^ seed;
  for (let i = 0; i < subject.length; i++) {
    hash = Math.imul(hash ^ subject.charCodeAt(i), 16777619);
  }
  // FNV-1a hardly varies the high bits for short texts; murmur3's finalizer spreads them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** Returns such a number between two bounds. */
export const between = (low: number, high: number, seed: number, subject: string): number =>
  low + (high - low) * random(seed, subject);

/** Returns such a UUID of version 4. */
export function madeUpUuid(seed: number, subject: string): string {
  const digits = [0, 1, 2, 3]
    .map((n) => Math.floor(random(seed, `${subject} ${String(n)}`) * 2 ** 32))
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5');
}
