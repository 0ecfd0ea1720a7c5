import { KiB } from '../../../common/units.ts';
import type { Exemption, GuestFigures, HostFigures } from '../round/round.ts';
import { COUNTS, EXEMPTIONS, SIZES } from './fields.ts';
import { type Fields, fieldsOf, LineError, numberOf, UnknownVersion } from './names.ts';

/** One line of input: a round's figures, and what it changes of the parameters. */
export interface RoundLine {
  readonly host: HostFigures;
  readonly guests: readonly GuestFigures[];
  readonly parameters: Fields;
}

/** The version of the format of lines. */
export const VERSION = 1;
const MOST_GUESTS = 100_000;

/** Reads a line; throws {@link LineError}. Fields that it does not know are ignored. */
export const readRound = (text: string): RoundLine => roundOf(readFields(text));

/** Returns the fields of a line; throws {@link LineError}, {@link UnknownVersion} for a version of another program. */
export function readFields(text: string): Fields {
  const line = fieldsOf(json(text), 'the line');
  const version = line.version ?? VERSION;
  if (version !== VERSION) throw new UnknownVersion(`version must be ${String(VERSION)}`);
  return line;
}

/** Returns the round that a line's fields describe; throws {@link LineError}. */
export function roundOf(line: Fields): RoundLine {
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
  const given = host.mem_available === undefined ? free : numberOf(host, 'mem_available', 'host');
  // As the daemon's own reader: an impossible figure counts as not reported.
  const available = given !== undefined && given >= 0 && given <= total ? given : undefined;
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
  if (exempt !== undefined && !EXEMPTIONS.includes(exempt as Exemption)) {
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
