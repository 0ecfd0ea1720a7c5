import { formatSize } from '../../../common/formatSize.ts';
import { KiB } from '../../../common/units.ts';
import type { Inputs } from './rules.ts';

/**
 * Returns how the need of a guest came about, from the figures behind a decision of `adaptive`; undefined if they do
 * not say.
 */
export function needText({
  used,
  missing,
  expected,
  warm,
  floor,
  memory,
  need,
}: Inputs): string | undefined {
  if (used === undefined || expected === undefined || need === undefined) return undefined;
  if (need === memory) return 'all of its memory, and it may need more';
  if (need === floor) return `its guarantee, as it uses ${size(used)}`;
  const rise = expected - used - (missing ?? 0);
  const headroom = need - expected - (warm ?? 0);
  return [
    `${size(used)} in use`,
    part(missing, 'that it lacks'),
    part(rise, 'by which its use has risen and may rise again'),
    part(headroom, 'of headroom'),
    part(warm, 'of page cache that it has read again'),
  ]
    .filter((text) => text !== undefined)
    .join(', ');
}

const part = (value: number | undefined, text: string): string | undefined =>
  value === undefined || value < 1 ? undefined : `${size(value)} ${text}`;

const size = (value: number): string => formatSize(KiB(value));
