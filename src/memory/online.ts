import { KiB } from '../common/units.ts';

/** The guest's own total of its memory, and what its balloon held at that time, in KiB. */
export interface GuestTotal {
  readonly available: KiB;
  readonly held: KiB;
}

/** Bounds of a guest's growth in KiB: it is unknown whether its total includes what the balloon holds. */
interface Growth {
  readonly least: number;
  readonly most: number;
}

/** A plugged device that the guest has not been seen to use. */
export interface Unseen {
  readonly alias: string;
  readonly size: KiB;
  /** Whether its deadline to come online has passed. */
  readonly isDue: boolean;
}

export interface Verdict {
  readonly alias: string;
  readonly state: 'online' | 'not-online' | 'unverified';
}

/** A kernel keeps about 1/64 of a device that comes online for its own tables, and never more than 1/8. */
const visible = (size: KiB): number => size - size / 8;
const withoutTables = (size: KiB): number => size - size / 64;

const growth = (before: GuestTotal, now: GuestTotal): Growth => {
  const counted = now.available - before.available;
  const uncounted = counted + now.held - before.held;
  return { least: Math.min(counted, uncounted), most: Math.max(counted, uncounted) };
};

/**
 * Compares the guest's total with `before` and returns the devices, given oldest first, that it now uses. A device
 * that is due and not used is `not-online`, or `unverified` where a change of the balloon hides the difference, and
 * the total does not exceed what the VM has of `memory` without the device. The returned `before` includes the devices
 * found online, for the next comparison.
 */
export function seenOnline(
  before: GuestTotal,
  now: GuestTotal,
  devices: readonly Unseen[],
  memory: KiB,
): { readonly verdicts: readonly Verdict[]; readonly before: GuestTotal } {
  let { least, most } = growth(before, now);
  let { available } = before;
  const verdicts: Verdict[] = [];
  for (const { alias, size, isDue } of devices) {
    const isHidden = least < visible(size) && most >= visible(size);
    if (least >= visible(size) || (isHidden && now.available > memory - size)) {
      verdicts.push({ alias, state: 'online' });
      available = KiB(available + Math.min(size, isHidden ? most : least));
      [least, most] = [Math.max(0, least - size), Math.max(0, most - withoutTables(size))];
    } else if (isDue) {
      verdicts.push({ alias, state: isHidden ? 'unverified' : 'not-online' });
    }
  }
  return { verdicts, before: { ...before, available } };
}

/**
 * The same without a known earlier total: the guest uses all devices if its total exceeds `rest`, the memory without
 * them. A total below `rest` proves nothing, since a kernel counts less than it has.
 */
export const seenBeyond = (
  rest: KiB,
  { available }: GuestTotal,
  devices: readonly Unseen[],
): readonly Verdict[] =>
  available > rest ? devices.map(({ alias }) => ({ alias, state: 'online' as const })) : [];
