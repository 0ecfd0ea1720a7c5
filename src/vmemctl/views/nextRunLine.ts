import type { Result } from '../../client/index.ts';
import { type MiB, toKiB } from '../../common/units.ts';
import { formatSize } from '../sizes/formatSize.ts';

/** Returns what a VM gets when it is started next, if that differs from what it has. */
export function nextRunLine(next: Result<'VM.getNextRun'> | undefined): string[] {
  if (next?.differs !== true) return [];
  const { memory_mib: memory, guaranteed_mib: guaranteed, max_memory_mib: ceiling } = next;
  const part = (label: string, size: MiB | undefined): string[] =>
    size === undefined ? [] : [`${label} ${formatSize(toKiB(size))}`];
  const parts = [
    ...part('memory', memory),
    ...part('guaranteed', guaranteed),
    ...part('ceiling', ceiling),
  ];
  return [`  at its next start: ${parts.join(', ')}`];
}
