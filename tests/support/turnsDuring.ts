/** Returns the result of `work`, and how many turns of the event loop others had meanwhile. */
export async function turnsDuring<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly turns: number }> {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  const result = await work();
  isDone = true;
  return { result, turns };
}

/** Holds the event loop for longer than paced work may at once. */
export function hold(): void {
  const until = performance.now() + 5;
  while (performance.now() < until);
}
