import { KiB } from '../common/units.ts';

/** How much memory a guest counts, and what its balloon held meanwhile. */
export interface GuestTotal {
  readonly available: KiB;
  readonly held: KiB;
}

/** By how much a guest's memory has grown: whether it counts what its balloon holds is not known. */
interface Growth {
  readonly least: number;
  readonly most: number;
}

/** A plugged device that the guest has not been seen to use. */
export interface Unseen {
  readonly alias: string;
  readonly size: KiB;
  /** Whether its time to come online is over. */
  readonly isDue: boolean;
}

export interface Verdict {
  readonly alias: string;
  readonly state: 'online' | 'not-online' | 'unverified';
}

/** Of a device that comes online a kernel may keep 1/64 for its own tables; more than 1/8 no kernel does. */
const visible = (size: KiB): number => size - size / 8;
const withoutTables = (size: KiB): number => size - size / 64;

const growth = (before: GuestTotal, now: GuestTotal): Growth => {
  const counted = now.available - before.available;
  const uncounted = counted + now.held - before.held;
  return { least: Math.min(counted, uncounted), most: Math.max(counted, uncounted) };
};

/**
 * Which of these devices, oldest first, the guest uses by now, by how its total has grown since `before`; of those
 * that are due also which it does not use, and of which a balloon that moved meanwhile lets nobody tell. The answer's
 * `before` counts those found online, for the next comparison.
 */
export function seenOnline(
  before: GuestTotal,
  now: GuestTotal,
  devices: readonly Unseen[],
): { readonly verdicts: readonly Verdict[]; readonly before: GuestTotal } {
  let { least, most } = growth(before, now);
  let { available } = before;
  const verdicts: Verdict[] = [];
  for (const { alias, size, isDue } of devices) {
    if (least >= visible(size)) {
      verdicts.push({ alias, state: 'online' });
      available = KiB(available + Math.min(size, least));
      [least, most] = [Math.max(0, least - size), Math.max(0, most - withoutTables(size))];
    } else if (isDue) {
      verdicts.push({ alias, state: most < visible(size) ? 'not-online' : 'unverified' });
    }
  }
  return { verdicts, before: { ...before, available } };
}

/**
 * The same where nobody knows what the guest counted before: it uses them all if it counts more than the `rest` of its
 * memory, which it could not without them. What it counts is less than what it has, so less than that tells nothing.
 */
export const seenBeyond = (
  rest: KiB,
  { available }: GuestTotal,
  devices: readonly Unseen[],
): readonly Verdict[] =>
  available > rest ? devices.map(({ alias }) => ({ alias, state: 'online' as const })) : [];
