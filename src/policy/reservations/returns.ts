import { KiB } from '../../common/units.ts';
import type { Book } from './book.ts';

const MIB = 1024;
/** What the host keeps beyond what is reserved when memory is given back that others may have used since. */
const MARGIN = 16 * MIB;

/**
 * Returns what is given back now to each VM, in KiB: what is due, and of the rest as much as the host has to spare.
 */
export function returns(
  { toReturn, due }: Pick<Book, 'toReturn' | 'due'>,
  spare: number,
): readonly (readonly [vm: string, size: KiB])[] {
  const rest = sum(toReturn) - sum(due);
  const surplus = spare - MARGIN - sum(due);
  const part = rest === 0 || surplus <= 0 ? 0 : Math.min(1, surplus / rest);
  return Object.entries(toReturn).flatMap(([vm, size]) => {
    const atOnce = due[vm] ?? 0;
    const now = Math.ceil(atOnce + (size - atOnce) * part);
    return now >= Math.min(size, MIB) ? [[vm, KiB(now)] as const] : [];
  });
}

const sum = (sizes: Readonly<Record<string, KiB>>): number =>
  Object.values(sizes).reduce<number>((total, size) => total + size, 0);
