import type { AuditEntry } from '../connection/methods.ts';
import type { KiB } from '../../src/common/units.ts';
import { inGib } from './size.ts';

const NAMES: Readonly<Record<string, string>> = {
  memory_kib: 'memory',
  guaranteed_kib: 'guaranteed',
  balloon_target_kib: 'balloon target',
};

/** Returns the sizes that a request has changed, as `memory 2.00 GiB → 3.00 GiB`. */
export function changedSizes({ before, after }: AuditEntry): readonly string[] {
  const values = [before, after].map((each) => (each ?? {}) as Readonly<Record<string, unknown>>);
  return Object.entries(NAMES).flatMap(([key, name]) => {
    const [old, now] = values.map((each) => each[key]);
    if (typeof now !== 'number' || old === now) return [];
    const from = typeof old === 'number' ? `${inGib(old as KiB)} → ` : '';
    return [`${name} ${from}${inGib(now as KiB)}`];
  });
}
