import { useRef } from 'preact/hooks';
import type { Vm } from '../connection/methods.ts';
import { type Order, sorted } from '../model/order.ts';

/** Rows change places this often at most, so that they can be read. */
const RESORT_MS = 5000;

interface Last {
  readonly ids: readonly string[];
  readonly order: Order;
  readonly at: number;
}

/**
 * Returns the VMs in their order. While it is held, as by a mouse that points at a row, or was made a moment ago, VMs
 * keep their places unless one has come or gone.
 */
export function useOrder(
  vms: ReadonlyMap<string, Vm>,
  order: Order,
  isHeld: boolean,
): readonly Vm[] {
  const last = useRef<Last | undefined>(undefined);
  const now = performance.now();
  const kept = last.current;
  const isSame =
    kept?.order === order && kept.ids.length === vms.size && kept.ids.every((id) => vms.has(id));
  if (kept && isSame && (isHeld || now < kept.at + RESORT_MS)) {
    return kept.ids.flatMap((id) => vms.get(id) ?? []);
  }
  const all = sorted([...vms.values()], order);
  last.current = { ids: all.map(({ id }) => id), order, at: now };
  return all;
}
