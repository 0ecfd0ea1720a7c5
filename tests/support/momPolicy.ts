import type { MomGuest } from './momReader.ts';

/**
 * The targets in KiB, by name, that MoM's balloon policy of oVirt sends in one round for guests whose figures do not
 * change, on a host with this share of its memory free.
 */
export function targetsOfMom(guests: Iterable<MomGuest>, free: number): Map<string, number> {
  const targets = new Map<string, number>();
  for (const { name, balloon, unused } of guests) {
    const { cur, min, max } = balloon;
    const target = cur < min ? min : targetOf({ ...balloon, max }, unused, free);
    if (target !== undefined) targets.set(name, Math.trunc(target));
  }
  return targets;
}

function targetOf(
  { cur, min, max }: MomGuest['balloon'],
  unused: number | undefined,
  free: number,
): number | undefined {
  if (unused === undefined) return undefined;
  const share = free <= 0.05 ? free - 0.05 : free;
  const least = Math.max(min, cur - unused + share * cur);
  const size =
    free < 0.2 ? Math.max(0.95 * cur, least) : Math.min(Math.max(1.05 * cur, least), max);
  const isMeant = free < 0.2 ? size <= cur : cur < max;
  return isMeant && Math.abs(size - cur) > 0.0025 * cur ? size : undefined;
}
