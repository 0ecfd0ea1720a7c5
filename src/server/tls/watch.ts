import { unwatchFile, watchFile } from 'node:fs';
import type { Cancel, Clock } from '../../common/clock.ts';
import type { Milliseconds } from '../../common/units.ts';

export interface WatchOptions {
  readonly clock: Clock;
  /** How often the files are checked. */
  readonly interval: Milliseconds;
  /** How long to wait for changes of the other files after the first change. */
  readonly settle: Milliseconds;
}

/** Calls `changed` after one of these files was written or replaced, or a link in its path was changed. */
export function watchFiles(
  paths: readonly string[],
  changed: () => void,
  { clock, interval, settle }: WatchOptions,
): Cancel {
  let cancel: Cancel | undefined;
  const touched = (): void => {
    cancel ??= clock.after(settle, () => {
      cancel = undefined;
      changed();
    });
  };
  // checking by path detects renames and changed links; watching the inode does not
  for (const path of paths) watchFile(path, { interval, persistent: false }, touched);
  return () => {
    cancel?.();
    for (const path of paths) unwatchFile(path, touched);
  };
}
