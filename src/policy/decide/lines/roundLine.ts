import { KiB } from '../../../common/units.ts';
import type { Exemption, GuestFigures, HostFigures } from '../round/round.ts';
import { type Fields, fieldsOf, LineError, numberOf } from './names.ts';

/** One line of input: a round's figures, and what it changes of the parameters. */
export interface RoundLine {
  readonly host: HostFigures;
  readonly guests: readonly GuestFigures[];
  readonly parameters: Fields;
}

const VERSION = 1;
const MOST_GUESTS = 100_000;

/** Sizes of a guest in KiB: MoM's names of the balloon, libvirt's of the statistics. */
const SIZES = {
  balloon_cur: 'current',
  balloon_min: 'floor',
  balloon_max: 'memory',
  rss: 'resident',
  available: 'available',
  unused: 'unused',
  usable: 'usable',
  disk_caches: 'diskCaches',
  swap_in: 'swapIn',
  swap_out: 'swapOut',
} as const;

const COUNTS = { major_fault: 'majorFaults', last_update: 'reportedAt', weight: 'weight' } as const;

const EXEMPTIONS: readonly string[] = [
  'paused',
  'migrating',
  'no-balloon',
  'disabled',
  'hugepages',
  'locked',
  'assigned-device',
  'pinned',
  'not-managed',
] satisfies Exemption[];

/** Reads a line; throws {@link LineError}. Fields that it does not know are ignored. */
export function readRound(text: string): RoundLine {
  const line = fieldsOf(json(text), 'the line');
  const version = line.version ?? VERSION;
  if (version !== VERSION) throw new LineError(`version must be ${String(VERSION)}`);
  const { guests = [] } = line;
  if (!Array.isArray(guests) || guests.length > MOST_GUESTS) {
    throw new LineError(`guests must be a list of at most ${String(MOST_GUESTS)}`);
  }
  const read = guests.map((guest: unknown, index) =>
    guestOf(fieldsOf(guest, `guest ${String(index)}`), index),
  );
  const names = new Set(read.map(({ name }) => name));
  if (names.size < read.length) throw new LineError('two guests have the same name');
  return {
    host: hostOf(line),
    guests: read,
    parameters: fieldsOf(line.parameters ?? {}, 'parameters'),
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new LineError('the line is not JSON');
  }
}

function hostOf(line: Fields): HostFigures {
  const host = fieldsOf(line.host, 'host');
  const time = numberOf(line, 'time', 'the line');
  const total = numberOf(host, 'mem_total', 'host');
  if (time === undefined) throw new LineError('the line needs time, in seconds');
  if (total === undefined || total <= 0) throw new LineError('host needs mem_total, in KiB');
  const free = numberOf(host, 'mem_free', 'host');
  const available = numberOf(host, 'mem_available', 'host') ?? free;
  const stall = numberOf(host, 'psi_some_avg10', 'host');
  return {
    time,
    total: KiB(total),
    ...(free !== undefined && { free: KiB(free) }),
    ...(available !== undefined && { available: KiB(available) }),
    ...(stall !== undefined && { stall }),
  };
}

function guestOf(guest: Fields, index: number): GuestFigures {
  const { name, exempt } = guest;
  if (typeof name !== 'string' || name === '') {
    throw new LineError(`guest ${String(index)} needs a name`);
  }
  if (exempt !== undefined && !EXEMPTIONS.includes(exempt as string)) {
    throw new LineError(`${name}: exempt must be one of ${EXEMPTIONS.join(', ')}`);
  }
  const figures = Object.entries({ ...SIZES, ...COUNTS }).flatMap(([theirs, ours]) => {
    const value = numberOf(guest, theirs, name) ?? numberOf(guest, theirs.replace('_', '-'), name);
    return value === undefined ? [] : [[ours, value]];
  });
  return {
    name,
    ...(Object.fromEntries(figures) as Partial<GuestFigures>),
    ...(exempt !== undefined && { exempt: exempt as Exemption }),
  };
}
