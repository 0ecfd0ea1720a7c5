import type { KiB } from './units.ts';

const KIB_PER_MIB = 1024;
const KIB_PER_GIB = KIB_PER_MIB * 1024;

/** Returns a size for people, to three digits or a tenth: `1.2 GiB`, `820 MiB`, `12 KiB`. */
export function roundedSize(size: KiB): string {
  const amount = Math.abs(size);
  // 1023.6 MiB would be written as 1024 MiB
  if (amount >= KIB_PER_GIB - KIB_PER_MIB / 2) return `${(size / KIB_PER_GIB).toFixed(1)} GiB`;
  if (amount >= KIB_PER_MIB) return `${(size / KIB_PER_MIB).toFixed(0)} MiB`;
  return `${size.toFixed(0)} KiB`;
}
