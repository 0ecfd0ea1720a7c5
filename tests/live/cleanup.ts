import { afterAll, expect } from '@jest/globals';

/** A function that takes down what the suite does at its end, last things first, each even where another fails. */
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
