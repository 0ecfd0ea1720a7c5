import { unwatchFile, watchFile } from 'node:fs';
import type { Cancel, Clock } from '../../common/clock.ts';
import type { Milliseconds } from '../../common/units.ts';

export interface WatchOptions {
  readonly clock: Clock;
  /** How often the files are looked at. */
  readonly interval: Milliseconds;
  /** How long to wait for the other files once one has changed. */
  readonly settle: Milliseconds;
}

/** Calls `changed` after any of these files was written, replaced, or a link on the way to it was turned elsewhere. */
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
  // looking at the file by name sees renames and turned links, which watching its inode does not
  for (const path of paths) watchFile(path, { interval, persistent: false }, touched);
  return () => {
    cancel?.();
    for (const path of paths) unwatchFile(path, touched);
  };
}
