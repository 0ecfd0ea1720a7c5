import type { KiB } from '../../common/units.ts';
import { formatDuration } from '../output/duration.ts';
import { formatSize } from '../sizes/formatSize.ts';
import type { VmGlance } from './answers.ts';

/** What stands for a figure that is not known. */
export const UNKNOWN = '-';

/** Returns a size for people; a dash if it is not known. */
export const sizeOf = (size: KiB | undefined): string =>
  size === undefined ? UNKNOWN : formatSize(size);

/** Returns a part of a whole in percent, without a fraction: `61 %`. */
export const percent = (part: number, whole: number): string =>
  `${String(Math.round((part / whole) * 100))} %`;

/** Returns a count with its noun: `1 device`, `2 devices`. */
export const counted = (count: number, noun: string): string =>
  `${String(count)} ${noun}${count === 1 ? '' : 's'}`;

/** Returns how current a guest's figures are, in a few words. */
export function reportOf(freshness: VmGlance['freshness']): string {
  if (freshness === undefined) return UNKNOWN;
  const { state, age_s: age } = freshness;
  switch (state) {
    case 'fresh':
      return age === undefined ? 'fresh' : `${formatDuration(age)} ago`;
    case 'stale':
      return age === undefined ? 'stale' : `stale ${formatDuration(age)}`;
    case 'paused':
      return 'paused';
    case 'no-values':
      return 'no figures';
    case 'never':
      return 'never';
    case 'no-period':
      return 'off';
    case 'no-device':
      return 'no balloon';
    case 'unknown':
      return UNKNOWN;
  }
}

/** Whether figures of a guest may no longer hold. */
export const isStale = (freshness: VmGlance['freshness']): boolean =>
  freshness !== undefined && freshness.state !== 'fresh';

/** Returns the jobs of a VM that run: `unplug 1 of 2`. */
export function jobsOf(jobs: VmGlance['jobs']): string {
  return jobs
    .map(({ action, devices, devices_open: open }) => {
      const done = devices - open;
      const what = action === 'set-memory' ? 'resize' : action;
      return devices > 1 ? `${what} ${String(done)} of ${String(devices)}` : what;
    })
    .join(', ');
}
