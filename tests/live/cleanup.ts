import { afterAll, expect } from '@jest/globals';

/** Returns a function that registers clean-ups for the suite's end, run in reverse order, each even if another fails. */
export function atEnd(): (task: () => Promise<unknown>) => void {
  const tasks: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    const failures: unknown[] = [];
    for (const task of tasks.reverse()) {
      await task().catch((error: unknown) => failures.push(error));
    }
    expect(failures).toEqual([]);
  });
  return (task) => {
    tasks.push(task);
  };
}
