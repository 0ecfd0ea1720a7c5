import { VdsmError } from '../../common/errors.ts';
import type { Clock } from '../../common/clock.ts';
import { KiB, Milliseconds } from '../../common/units.ts';
import type { HostPressure } from '../../host/pressure/hostPressure.ts';
import type { Registry } from '../../vm/registry/registry.ts';
import type { Vm } from '../../vm/vm.ts';
import { type Promises, promisesOf } from './accounts.ts';
import type { Reservation } from './book.ts';
import { giverFigures } from './figures.ts';
import { type Giver, giverOf } from './plan/giver.ts';
import { vmAccount } from './vmAccount.ts';

/** What a VM is promised, and what it could give now. */
export interface VmShare {
  readonly vm: Vm;
  /** What it may have at any time, with its QEMU, in KiB. */
  readonly promised: KiB;
  readonly giver: Giver;
}

/** The host's memory as its reservations see it. */
export interface Account {
  readonly pressure: HostPressure;
  readonly available: KiB;
  /** What is not promised. */
  readonly reserve: KiB;
  readonly promises: Promises;
  readonly vms: readonly VmShare[];
}

interface AccountParts {
  readonly vms: Pick<Registry, 'list'>;
  readonly clock: Clock;
  readonly reserveOf: (capacity: KiB) => KiB;
}

/** Returns the account by a reading of the host's memory. Throws GeneralException if that lacks what is available. */
export function accountOf(
  { vms, clock, reserveOf }: AccountParts,
  pressure: HostPressure,
  reservations: readonly Reservation[],
): Account {
  const { capacity, available = pressure.free } = pressure;
  if (available === undefined) {
    throw new VdsmError(
      'GeneralException',
      'it is not known what memory the host has left; its /proc/meminfo has no MemAvailable ([policy] meminfo_path)',
    );
  }
  const reserve = reserveOf(capacity);
  const shares = vms
    .list()
    .filter(({ isAlive, isLaunching }) => isAlive || isLaunching)
    .map((vm) => shareOf(vm, clock));
  const promises = promisesOf(
    { capacity, available, reserve },
    shares.map(({ account }) => account),
    reservations,
  );
  return { pressure, available, reserve, promises, vms: shares };
}

function shareOf(vm: Vm, clock: Clock) {
  const figures = giverFigures(vm, Milliseconds(Infinity), undefined);
  const account = vmAccount(vm, figures.exempt);
  const { giver } = giverOf(figures, undefined, { now: clock.now() / 1000, elapsed: 0 });
  return { vm, account, promised: KiB(account.promised), giver };
}
