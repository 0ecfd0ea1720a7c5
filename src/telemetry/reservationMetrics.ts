import { type KiB, toBytes } from '../common/units.ts';
import type { HostPressure } from '../host/pressure/hostPressure.ts';
import { describeHeadroom } from '../policy/reservations/describe.ts';
import type { Reservations } from '../policy/reservations/reservations.ts';
import { exposition, type Family, labelText } from './exposition.ts';

export type ReservationSources = Pick<Reservations, 'held' | 'lacking' | 'count' | 'account'>;

/**
 * Returns the series of what is reserved of the host's memory and, if a reading of it is given, of what can still be
 * promised and what its guests could free.
 */
export async function reservationMetrics(
  reservations: ReservationSources,
  pressure: Promise<HostPressure> | undefined,
): Promise<string> {
  const headroom = pressure && (await headroomOf(reservations, pressure));
  return (
    exposition(ofHeadroom, headroom ? [{ labels: '', ...headroom }] : []) +
    exposition(families, [{ reservations, labels: '' }]) +
    exposition(
      [count],
      [
        { labels: labelText({ state: 'held' }), value: reservations.count('held') },
        { labels: labelText({ state: 'making' }), value: reservations.count('making') },
      ],
    )
  );
}

/** Undefined while it is not known what the host has left. */
const headroomOf = (reservations: ReservationSources, pressure: Promise<HostPressure>) =>
  reservations.account(pressure).then(
    (account) => describeHeadroom(account, reservations.held),
    () => undefined,
  );

interface Headroom {
  readonly labels: string;
  readonly promisable_kib: KiB;
  readonly freeable_kib: KiB;
}

const ofHeadroom: readonly Family<Headroom>[] = [
  {
    name: 'vmemd_host_memory_promisable_bytes',
    type: 'gauge',
    help: 'Memory that can still be promised to VMs, by guarantees or reservations.',
    value: ({ promisable_kib: size }) => toBytes(size),
  },
  {
    name: 'vmemd_host_memory_freeable_bytes',
    type: 'gauge',
    help: 'Memory that the guests together could give back by their balloons now without swapping.',
    value: ({ freeable_kib: size }) => toBytes(size),
  },
];

interface Subject {
  readonly reservations: ReservationSources;
  readonly labels: string;
}

const families: readonly Family<Subject>[] = [
  {
    name: 'vmemd_reserved_bytes',
    type: 'gauge',
    help: 'Memory of the host that is reserved and not used yet.',
    value: ({ reservations }) => toBytes(reservations.held),
  },
  {
    name: 'vmemd_reserved_lacking_bytes',
    type: 'gauge',
    help: 'Reserved memory that the host lacks by the last look; more than 0 for long needs attention.',
    value: ({ reservations }) => toBytes(reservations.lacking),
  },
];

const count: Family<{ readonly labels: string; readonly value: number }> = {
  name: 'vmemd_reservations',
  type: 'gauge',
  help: 'Number of reservations that are held or in the making.',
  value: ({ value }) => value,
};
