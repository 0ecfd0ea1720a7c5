import type { Vm } from '../../web/connection/methods.ts';
import { KiB } from '../../src/common/units.ts';

export const GIB = 1024 ** 2;

/** A running VM of 4 GiB with 3 GiB, of which it uses 1.5; `change` replaces some of it. */
export const vmWith = (change: Partial<Vm> = {}): Vm => ({
  id: '00000000-0000-4000-8000-000000000001',
  name: 'first',
  status: 'Up',
  warnings: [],
  jobs: [],
  used_kib: KiB(1.5 * GIB),
  current_kib: KiB(3 * GIB),
  target_kib: KiB(3 * GIB),
  guaranteed_kib: KiB(GIB),
  maximum_kib: KiB(4 * GIB),
  memory_kib: KiB(4 * GIB),
  balloon_held_kib: KiB(GIB),
  freshness: { state: 'fresh', age_s: 1 },
  moving: 'at-target',
  ...change,
});

/** Returns the object without these fields, as where they are not known. */
export function without<T extends object>(object: T, ...keys: readonly (keyof T)[]): T {
  const known = Object.entries(object).filter(([key]) => !keys.includes(key as keyof T));
  return Object.fromEntries(known) as T;
}
