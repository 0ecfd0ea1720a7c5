import type { Host, Vm } from '../connection/methods.ts';
import type { KiB } from '../../src/common/units.ts';

/** A part of a bar. */
export interface Part {
  readonly kind: string;
  readonly label: string;
  readonly size: KiB;
  /** What it means. */
  readonly meaning: string;
}

/** Less than this share is not drawn: figures of one moment are read one after another. */
const LEAST_SHOWN = 0.005;

const kib = (size: number): KiB => Math.max(0, size) as KiB;

/** Returns what the host's memory is used for; the parts add up to its total. Undefined if the total is unknown. */
export function physicalParts(host: Host): readonly Part[] | undefined {
  const { total_kib: total, used_by_guests_kib: guests, caches_kib: caches, free_kib: free } = host;
  if (total === undefined) return undefined;
  const known = (guests ?? 0) + (caches ?? 0) + (free ?? 0);
  const other = kib(Math.min(host.other_kib ?? Infinity, total - known));
  const rest = kib(total - known - other);
  const parts: readonly (Part | undefined)[] = [
    guests === undefined ? undefined : (
      {
        kind: 'guests',
        label: 'Used by guests',
        size: guests,
        meaning: 'Host memory that the VMs take up now.',
      }
    ),
    {
      kind: 'other',
      label: 'Other programs',
      size: other,
      meaning: 'The host’s own kernel, services and programs.',
    },
    caches === undefined ? undefined : (
      {
        kind: 'caches',
        label: 'Caches',
        size: caches,
        meaning: 'Copies of files, which the host gives up when memory is needed.',
      }
    ),
    free === undefined ? undefined : (
      { kind: 'free', label: 'Free', size: free, meaning: 'Used for nothing now.' }
    ),
    rest < total * LEAST_SHOWN ?
      undefined
    : { kind: 'unknown', label: 'Not known', size: rest, meaning: 'vmemd could not read this.' },
  ];
  return parts.filter((part) => part !== undefined);
}

/** Returns what the running VMs could use at most: what they are guaranteed, have beyond that, and have given back. */
export function guestParts(vms: readonly Vm[]): readonly Part[] {
  let guaranteed = 0;
  let beyond = 0;
  let held = 0;
  for (const vm of vms) {
    if (vm.status === 'Down') continue;
    const has = vm.current_kib ?? vm.memory_kib ?? 0;
    const promised = Math.min(vm.guaranteed_kib ?? 0, has);
    guaranteed += promised;
    beyond += has - promised;
    held += vm.balloon_held_kib ?? 0;
  }
  return [
    {
      kind: 'guaranteed',
      label: 'Guaranteed',
      size: kib(guaranteed),
      meaning: 'What VMs may always keep: balloons take nothing of it.',
    },
    {
      kind: 'beyond',
      label: 'Beyond the guarantee',
      size: kib(beyond),
      meaning: 'What VMs have now and balloons could take back.',
    },
    {
      kind: 'held',
      label: 'Held by balloons',
      size: kib(held),
      meaning: 'Reclaimed: VMs have given it back to the host, and get it again when they need it.',
    },
  ];
}

/** Returns the sum of all parts. */
export const sum = (parts: readonly Part[]): number =>
  parts.reduce((total, { size }) => total + size, 0);
