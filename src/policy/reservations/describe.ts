import { omitUndefined } from '../../common/omitUndefined.ts';
import { KiB } from '../../common/units.ts';
import type { Account, VmShare } from './account.ts';
import { whyKept } from './plan/failure.ts';
import { freeableBy } from './plan/giver.ts';
import { wordsFor } from './refusals.ts';
import type { Held } from './reservations.ts';
import { OVERHEAD } from './vmAccount.ts';

/** Returns a reservation in the form of Host.getReservations. */
export function describeReservation(reservation: Held) {
  const { id, amount, left, madeAt, hold, origin, depth, since, takes, deadline } = reservation;
  const isMade = madeAt !== undefined;
  return {
    reservationID: id,
    amount_kib: amount,
    held_kib: left,
    state: isMade ? ('held' as const) : ('making' as const),
    by: origin,
    down_to: depth,
    since: timeText(since),
    taken: Object.entries(takes).map(([vmID, taken_kib]) => ({ vmID, taken_kib })),
    ...omitUndefined({
      for: reservation.for,
      vmID: reservation.vm,
      made_at: isMade ? timeText(madeAt) : undefined,
      deadline: isMade ? undefined : timeText(deadline),
      expires_at: isMade && hold !== undefined ? timeText(madeAt + hold * 1000) : undefined,
      lacking_kib: reservation.lacks,
    }),
  };
}

/** Returns what a scheduler asks, in the form of Host.getMemoryHeadroom. `held`: what is reserved and not used yet. */
export function describeHeadroom(
  { pressure, available, reserve, promises, vms }: Account,
  held: KiB,
) {
  const { own, limit, guaranteed, reserved, left } = promises;
  const free = KiB(Math.max(0, available - reserve - held));
  const shares = vms.map(describeShare);
  const freeable = KiB(shares.reduce((sum, { freeable_kib }) => sum + freeable_kib, 0));
  const promisable = KiB(Math.max(0, left));
  return {
    capacity_kib: pressure.capacity,
    available_kib: available,
    own_kib: own,
    reserve_kib: reserve,
    promise_limit_kib: limit,
    promised_kib: guaranteed,
    reserved_kib: reserved,
    promisable_kib: promisable,
    held_kib: held,
    free_now_kib: free,
    freeable_kib: freeable,
    reservable_kib: KiB(Math.min(promisable, Math.max(0, available - reserve - held + freeable))),
    overhead_per_vm_kib: OVERHEAD,
    nodes: pressure.nodes.map(({ index, total, free: unused }) => ({
      node: index,
      total_kib: total,
      free_kib: unused,
    })),
    hugepages: pressure.hugepages.map(({ size, total, free: unused }) => ({
      size_kib: size,
      total,
      free: unused,
    })),
    vms: shares,
    ...omitUndefined({
      overpromised_kib: left < 0 ? KiB(-left) : undefined,
      swap_free_kib: pressure.swapFree,
    }),
  };
}

function describeShare({ vm, promised, giver }: VmShare) {
  const { used, keeps, current, bare } = giver;
  const why = whyKept(giver, 'used');
  const freeable = KiB(Math.floor(freeableBy(giver, 'used')));
  return {
    vmID: vm.id,
    vmName: vm.domain.name,
    promised_kib: promised,
    freeable_kib: freeable,
    freeable_to_guarantee_kib: KiB(Math.floor(freeableBy(giver, 'guaranteed'))),
    ...omitUndefined({
      current_kib: vm.samples.newest?.current === undefined ? undefined : KiB(current),
      used_kib: used === undefined ? undefined : KiB(used),
      least_kib: keeps === undefined ? KiB(Math.ceil(bare)) : undefined,
      not_freeable_because: vm.isLaunching ? 'starts' : why && wordsFor(why),
    }),
  };
}

const timeText = (milliseconds: number): string => new Date(milliseconds).toISOString();
