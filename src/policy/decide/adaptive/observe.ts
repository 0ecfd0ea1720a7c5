import type { CheckedGuest } from './checked.ts';
import { followingAfter } from './following.ts';
import type { GuestMemory } from './memory.ts';
import type { AdaptiveParameters } from './parameters.ts';
import { usageAfter } from './usage.ts';

/** Returns what is remembered of a guest after this round's figures. */
export function observed(
  guest: CheckedGuest,
  before: GuestMemory | undefined,
  { now, elapsed }: { readonly now: number; readonly elapsed: number },
  parameters: AdaptiveParameters,
): GuestMemory {
  const { current, resident } = guest;
  const following = followingAfter(guest, before, now, parameters);
  const usage = usageAfter(guest, before, now, parameters);
  const taken = Math.max(0, (before?.current ?? current) - current);
  const backed = backedMemory(guest, before);
  const granted = (before?.granted ?? 0) * Math.exp(-elapsed / parameters.grantTime);
  const heading = Math.max(current, following.asked?.target ?? 0);
  // Written out, as objects of one shape are several times as fast as merged ones.
  return {
    current,
    taken,
    free: freeAfter(guest, usage.report !== before?.report, before, taken),
    resident,
    report: usage.report,
    reserved: usage.reserved,
    used: usage.used,
    rise: usage.rise,
    swapped: usage.swapped,
    lack: usage.lack,
    starvingUntil: usage.starvingUntil,
    warm: usage.warm,
    backed,
    granted: Math.max(0, Math.min(granted, heading - (backed ?? -Infinity))),
    asked: following.asked,
    progress: following.progress,
    stuck: following.stuck,
  };
}

/** The balloon may have taken what it took since the last round after the guest made its report. */
const freeAfter = (
  { report }: CheckedGuest,
  isNew: boolean,
  before: GuestMemory | undefined,
  taken: number,
): number => Math.max(0, ((isNew ? report?.free : before?.free) ?? 0) - taken);

/**
 * Returns how much of the guest's memory the host has to hold: a page that the guest has touched stays until the
 * balloon takes it. Without a figure of the host, at least what the guest ever used counts.
 */
function backedMemory(
  { current, resident, report }: CheckedGuest,
  before: GuestMemory | undefined,
): number | undefined {
  if (resident !== undefined) return resident;
  const used = report && current - Math.min(current, report.unused ?? report.free);
  const most = Math.max(used ?? 0, before?.backed ?? 0);
  return used === undefined && before?.backed === undefined ? undefined : Math.min(current, most);
}
