import { setTimeout as pause } from 'node:timers/promises';

const EACH_MS = 250;

/** Fulfils once `test` returns something else than false or undefined, with that; throws after `seconds`. */
export async function eventually<T>(
  words: string,
  test: () => T | Promise<T>,
  seconds = 120,
): Promise<Exclude<T, false | undefined>> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const found = await test();
    if (found !== false && found !== undefined) return found as Exclude<T, false | undefined>;
    if (performance.now() > end) throw new Error(`${words}: not within ${String(seconds)} s`);
    await pause(EACH_MS);
  }
}
