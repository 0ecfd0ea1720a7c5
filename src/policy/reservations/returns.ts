import { KiB } from '../../common/units.ts';

const MIB = 1024;
/** What the host keeps beyond what is reserved when memory is given back. */
const MARGIN = 16 * MIB;
/** Less than this is given back only if it is the last. */
const LEAST = 64 * MIB;

/** Returns what is given back now to each VM, in KiB, of what is owed: as far as the host has it to spare. */
export function returns(
  owed: Readonly<Record<string, KiB>>,
  spare: number,
): readonly (readonly [vm: string, size: KiB])[] {
  const all = Object.values(owed).reduce<number>((sum, size) => sum + size, 0);
  const surplus = spare - MARGIN;
  if (all === 0 || surplus < Math.min(all, LEAST)) return [];
  const part = Math.min(1, surplus / all);
  return Object.entries(owed).map(([vm, size]) => [vm, KiB(Math.ceil(size * part))]);
}
