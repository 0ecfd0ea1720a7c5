import type { CheckedGuest } from './checked.ts';
import type { GuestMemory } from './memory.ts';
import type { AdaptiveParameters } from './parameters.ts';
import { AT_REST } from './usage.ts';

/** The longest time until a stuck balloon is asked again, in seconds. */
const LONGEST_RETRY = 600;

type Following = Pick<GuestMemory, 'asked' | 'progress' | 'stuck'>;

/**
 * Returns how the balloon follows what was asked of it. One that makes no progress is stuck, as in squeezed, and is
 * asked again after a time that doubles; one that moves, however slowly, is not.
 */
export function followingAfter(
  { current, memory }: CheckedGuest,
  before: GuestMemory | undefined,
  now: number,
  { stuckAfter, retryAfter }: AdaptiveParameters,
): Following {
  const here = { current, at: now };
  if (!before) return { asked: undefined, progress: here, stuck: undefined };
  const { asked, progress, stuck } = before;
  if (!asked) return { asked, progress: here, stuck };
  const way = Math.abs(asked.target - current);
  if (way <= nearEnough(memory)) return { asked, progress: here, stuck: undefined };
  // Something else moved the balloon: a reboot, the guest itself, another client.
  if (way > Math.abs(asked.target - before.current) + AT_REST) {
    return { asked: undefined, progress: here, stuck };
  }
  if (way <= Math.abs(asked.target - progress.current) - AT_REST) {
    return { asked, progress: here, stuck: undefined };
  }
  if (now - progress.at < stuckAfter) return { asked, progress, stuck };
  const times = (stuck?.times ?? 0) + 1;
  const until = now + Math.min(LONGEST_RETRY, retryAfter * 2 ** (times - 1));
  return { asked: undefined, progress: here, stuck: { until, times } };
}

/** How far from its target a balloon may rest, in KiB. */
export const nearEnough = (memory: number): number => Math.max(4 * AT_REST, memory / 256);

export const isStuck = ({ stuck }: GuestMemory, now: number): boolean =>
  stuck !== undefined && now < stuck.until;
