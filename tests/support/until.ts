import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than anything takes on a busy machine, so that only what never happens fails. */
const PATIENCE_MS = 60_000;

/** Waits until the condition holds; throws when it never does. */
export async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited in vain for ${holds.toString()}`);
    await sleep(2);
  }
}
