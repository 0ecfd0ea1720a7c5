import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 5000;

/** Waits for what comes over a real socket; throws when it does not come at all. */
export async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`waited in vain for ${isSo.toString()}`);
    await sleep(2);
  }
}
