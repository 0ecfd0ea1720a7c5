import { expect, test } from '@jest/globals';
import { pacedMap } from '../../src/common/pacedMap.ts';

test('keeps the order, and lets other work have its turn meanwhile', async () => {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  const doubled = await pacedMap([1, 2, 3, 4, 5], (item) => {
    // longer than the loop may be held
    const until = performance.now() + 5;
    while (performance.now() < until);
    return 2 * item;
  });
  isDone = true;
  expect(doubled).toEqual([2, 4, 6, 8, 10]);
  expect(turns).toBeGreaterThanOrEqual(4);
});
