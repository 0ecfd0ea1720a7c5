import type { GuestFigures } from '../round/round.ts';

/** A guest whose figures lie within their ranges; figures that do not are absent, as if not reported. */
export interface CheckedGuest {
  readonly name: string;
  readonly current: number;
  readonly floor: number;
  readonly memory: number;
  readonly weight: number;
  readonly resident: number | undefined;
  readonly report: CheckedReport | undefined;
}

export interface CheckedReport {
  readonly at: number | undefined;
  readonly available: number | undefined;
  /** What the guest can do without, page cache included. */
  readonly free: number;
  readonly unused: number | undefined;
  readonly caches: number;
  readonly swapIn: number | undefined;
  readonly swapOut: number | undefined;
  readonly majorFaults: number | undefined;
}

/** The part of the page cache that counts as free if the guest does not report `usable`; some of it is shared memory. */
const FREE_CACHE = 0.5;
/** Weights beyond these make no difference that can be seen, but lose precision. */
const LEAST_WEIGHT = 1e-6;
const MOST_WEIGHT = 1e6;

/** Returns the guest, or why it can have no target. */
export function checked(guest: GuestFigures): CheckedGuest | string {
  const { name, current, floor, memory, exempt } = guest;
  if (exempt !== undefined) return exempt;
  if (!isSize(memory) || memory === 0) return 'memory-unknown';
  if (floor === undefined) return 'no-guarantee';
  if (!isSize(floor)) return 'guarantee-unknown';
  // VDSM reports 0 for a size that it does not know.
  if (!isSize(current) || current === 0) return 'current-unknown';
  return {
    name,
    current,
    memory,
    floor: Math.min(floor, memory),
    weight: weightOf(guest),
    resident: isSize(guest.resident) ? Math.min(guest.resident, current) : undefined,
    report: checkedReport(guest, memory),
  };
}

function checkedReport(guest: GuestFigures, memory: number): CheckedReport | undefined {
  const within = (value: number | undefined, most: number): number | undefined =>
    isSize(value) && value <= most ? value : undefined;
  const available = within(guest.available, memory);
  const most = available ?? memory;
  const unused = within(guest.unused, most);
  const caches = within(guest.diskCaches, most) ?? 0;
  const free = within(guest.usable, most) ?? orPart(unused, caches, most);
  if (guest.reportedAt === 0 || free === undefined || available === 0) return undefined;
  return {
    at: size(guest.reportedAt),
    available,
    free,
    unused,
    caches,
    swapIn: size(guest.swapIn),
    swapOut: size(guest.swapOut),
    majorFaults: size(guest.majorFaults),
  };
}

const orPart = (unused: number | undefined, caches: number, most: number): number | undefined =>
  unused === undefined ? undefined : Math.min(most, unused + caches * FREE_CACHE);

const size = (value: number | undefined): number | undefined => (isSize(value) ? value : undefined);

const isSize = (value: number | undefined): value is number =>
  value !== undefined && value >= 0 && value <= Number.MAX_SAFE_INTEGER;

const weightOf = ({ weight }: GuestFigures): number =>
  weight !== undefined && weight > 0 ? Math.min(Math.max(weight, LEAST_WEIGHT), MOST_WEIGHT) : 1;
