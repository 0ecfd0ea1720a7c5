import { KiB } from '../../../common/units.ts';
import type {
  Decision,
  GuestFigures,
  HostFigures,
  HostReason,
  Outcome,
  Reason,
} from '../round/round.ts';
import type { MomParameters } from './parameters.ts';
import { mean, type MomMemory, withSamples } from './window.ts';

/** A size that MoM's rules give, before MoM rounds it. */
interface Sized {
  readonly size: number;
  readonly reason: Reason;
}

/** A guest with all figures that MoM's rules read. */
interface Known {
  readonly current: number;
  readonly floor: number;
  readonly memory: number;
  /** The mean of what the balloon left, less the mean of what was unused: page cache counts as used. */
  readonly used: number;
}

/**
 * Decides as MoM's balloon policy, to the last bit of the unrounded sizes. MoM evaluates one script for all guests,
 * which a guest without a figure ends for all of them; here such a guest is left alone, and the outcome says that MoM
 * would have aborted. Exempt guests are none that MoM knows.
 */
export function decideAsMom(
  host: HostFigures,
  guests: readonly GuestFigures[],
  parameters: MomParameters,
  memory: MomMemory,
): Outcome<MomMemory> {
  const window = withSamples(memory, host, guests, parameters.window);
  const free = mean(window.hostFree);
  if (free === undefined) {
    const reason = { rule: 'host-figures-missing', inputs: {} };
    const hostReason = { state: 'unknown', inputs: {} } as const;
    return { decisions: guests.map(({ name }) => ({ name, reason })), hostReason, memory: window };
  }
  const hostFree = free / host.total;
  const missing: string[] = [];
  const decisions = guests.map((guest): Decision => {
    if (guest.exempt !== undefined) {
      return { name: guest.name, reason: { rule: guest.exempt, inputs: {} } };
    }
    const samples = window.guests[guest.name];
    const used = difference(mean(samples?.current ?? []), mean(samples?.unused ?? []));
    const lack = missingFigure(guest, used, isShrinking(hostFree, parameters), parameters);
    if (lack !== undefined) {
      missing.push(`${guest.name} has no ${lack}`);
      return { name: guest.name, reason: { rule: 'figures-missing', bound: lack, inputs: {} } };
    }
    return decisionOf(guest, guaranteed(guest) ?? sizeOf(guest, used, hostFree, parameters));
  });
  return {
    decisions,
    hostReason: hostReasonOf(free, host.total, parameters),
    memory: window,
    ...(missing.length > 0 && { momAborts: missing.join(', ') }),
  };
}

function hostReasonOf(free: number, total: number, parameters: MomParameters): HostReason {
  const { pressureThreshold, pressureCritical } = parameters;
  return {
    state:
      free / total <= pressureCritical ? 'critical'
      : free / total < pressureThreshold ? 'short'
      : 'enough',
    inputs: {
      available: Math.round(free),
      goal: Math.round(total * pressureThreshold),
      reserve: Math.round(total * pressureCritical),
    },
  };
}

const decisionOf = ({ name }: GuestFigures, found: Sized | Reason): Decision =>
  'size' in found ?
    { name, target: KiB(Math.trunc(found.size)), unrounded: found.size, reason: found.reason }
  : { name, reason: found };

const isShrinking = (hostFree: number, { flavour, enabled, ...given }: MomParameters): boolean =>
  hostFree < given.pressureThreshold && (enabled || flavour === 'mom-doc');

/** Returns the figure without which MoM's script fails; it reads only those that its branch needs. */
function missingFigure(
  { current, floor, memory, unused }: GuestFigures,
  used: number | undefined,
  shrinks: boolean,
  { flavour }: MomParameters,
): string | undefined {
  if (current === undefined) return 'balloon_cur';
  if (floor === undefined) return 'balloon_min';
  const isBallooned = flavour === 'mom-doc' || unused !== undefined;
  if (isBallooned && !shrinks && memory === undefined) return 'balloon_max';
  const readsUsed = shrinks || current < (memory ?? 0);
  return isBallooned && readsUsed && used === undefined ? 'mem_unused' : undefined;
}

/** The guarantee overrides every other rule. */
const guaranteed = ({ current = KiB(0), floor = KiB(0) }: GuestFigures): Sized | undefined =>
  current < floor ?
    { size: floor, reason: { rule: 'guarantee', inputs: { current, floor } } }
  : undefined;

function sizeOf(
  { current = KiB(0), floor = KiB(0), memory = KiB(0), unused }: GuestFigures,
  used: number | undefined,
  hostFree: number,
  parameters: MomParameters,
): Sized | Reason {
  if (used === undefined || (parameters.flavour === 'vdsm' && unused === undefined)) {
    return { rule: 'no-statistics', inputs: { current } };
  }
  const known = { current, floor, memory, used };
  return isShrinking(hostFree, parameters) ?
      shrunk(known, hostFree, parameters)
    : grown(known, hostFree, parameters);
}

function shrunk(guest: Known, hostFree: number, parameters: MomParameters): Sized | Reason {
  const { current, used, floor } = guest;
  const step = current * (1 - parameters.maxChange);
  const free = used + freeShare(hostFree, parameters) * current;
  const least = Math.max(floor, free);
  const size = Math.max(step, least);
  const bound =
    step >= least ? 'step'
    : floor >= free ? 'guarantee'
    : 'guest-free';
  const reason = { rule: 'shrink', bound, inputs: { current, floor, used, hostFree } };
  const isChange = size <= current && isEnough(size, guest, parameters);
  return isChange ? { size, reason } : unchanged(reason);
}

function grown(guest: Known, hostFree: number, parameters: MomParameters): Sized | Reason {
  const { current, used, floor, memory } = guest;
  const inputs = { current, floor, memory, used, hostFree };
  if (current >= memory) return { rule: 'grow', bound: 'memory', inputs };
  // doc/balloon.rules grows by the constant share, VDSM's policy by the one that depends on the host.
  const share =
    parameters.flavour === 'vdsm' ? freeShare(hostFree, parameters) : parameters.guestFree;
  const step = current * (1 + parameters.maxChange);
  const wanted = Math.max(step, Math.max(floor, used + share * current));
  const size = Math.min(wanted, memory);
  const bound =
    size < wanted ? 'memory'
    : step >= wanted ? 'step'
    : 'guest-free';
  const reason = { rule: 'grow', bound, inputs };
  return isEnough(size, guest, parameters) ? { size, reason } : unchanged(reason);
}

const unchanged = (reason: Reason): Reason => ({ ...reason, bound: 'dead-band' });

/** The free share of its memory that a guest keeps; negative, so that it swaps, when the host is all but out of memory. */
const freeShare = (hostFree: number, parameters: MomParameters): number =>
  hostFree <= parameters.pressureCritical ?
    parameters.criticalOffset + hostFree
  : parameters.guestFree * (hostFree / parameters.pressureThreshold);

const isEnough = (size: number, { current }: Known, { minChange }: MomParameters): boolean =>
  Math.abs(size - current) > minChange * current;

const difference = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a - b;
