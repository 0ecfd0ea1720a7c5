import { KiB } from '../../common/units.ts';
import type { Reservation } from './book.ts';

/**
 * Returns what of each reservation is not used yet, by id: of those for a VM that has started, what its QEMU occupies is
 * used, by the oldest first.
 */
export function remaining(
  reservations: readonly Reservation[],
  occupiedBy: (vm: string) => number,
): ReadonlyMap<string, KiB> {
  const left = new Map<string, number>();
  return new Map(
    reservations.map(({ id, amount, vm, hasStarted }) => {
      if (vm === undefined || !hasStarted) return [id, amount];
      const occupied = left.get(vm) ?? occupiedBy(vm);
      const used = Math.min(amount, occupied);
      left.set(vm, occupied - used);
      return [id, KiB(amount - used)];
    }),
  );
}
