import { expect, test } from '@jest/globals';
import { pacedMap } from '../../src/common/pacedMap.ts';
import { hold, turnsDuring } from '../support/turnsDuring.ts';

test('keeps the order, and lets other work have its turn meanwhile', async () => {
  const doubling = (item: number): number => {
    hold();
    return 2 * item;
  };
  const { result, turns } = await turnsDuring(() => pacedMap([1, 2, 3, 4, 5], doubling));
  expect(result).toEqual([2, 4, 6, 8, 10]);
  expect(turns).toBeGreaterThanOrEqual(4);
});
