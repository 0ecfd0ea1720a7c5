import type { Vm } from '../connection/methods.ts';

export const ORDERS = ['need', 'name', 'used', 'size'] as const;
export type Order = (typeof ORDERS)[number];

/** Differences in need below this do not change places, so that rows keep still. */
const STEP = 0.05;

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Returns how much of its memory a VM needs or uses: 1 is all of it; undefined if that is not known. */
function tightness({ need_kib, used_kib, current_kib, memory_kib }: Vm): number | undefined {
  const needed = need_kib ?? used_kib;
  const has = current_kib ?? memory_kib;
  return needed === undefined || !has ? undefined : needed / has;
}

/** Returns a number that is greater for VMs that should be looked at first. */
function urgency(vm: Vm): number {
  if (vm.warnings.length > 0) return 1000;
  if (vm.jobs.length > 0) return 100;
  if (vm.status === 'Down') return -1;
  return Math.round((tightness(vm) ?? 0) / STEP);
}

const keys: Readonly<Record<Order, (vm: Vm) => number>> = {
  need: urgency,
  name: () => 0,
  used: ({ used_kib = -1 }) => used_kib,
  size: ({ maximum_kib, memory_kib = -1 }) => maximum_kib ?? memory_kib,
};

/** Returns the VMs from the greatest to the least; those that are equal by name. */
export function sorted(vms: readonly Vm[], order: Order): readonly Vm[] {
  const keyOf = keys[order];
  return vms
    .map((vm) => ({ vm, key: keyOf(vm) }))
    .sort((a, b) => b.key - a.key || byName.compare(a.vm.name, b.vm.name))
    .map(({ vm }) => vm);
}

/** Returns whether a VM has all these words in its name or id. */
export function matches({ name, id }: Vm, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${name} ${id}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
