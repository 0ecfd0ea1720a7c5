import { expect, test } from '@jest/globals';
import { Milliseconds } from '../../src/common/units.ts';
import { vdsmTime } from '../../src/common/time.ts';
import { VirtualClock } from '../support/virtualClock.ts';

test('time starts above 31 bits and grows by whole milliseconds', async () => {
  const clock = new VirtualClock();
  expect(vdsmTime(clock)).toBe(2_147_483_647);
  await clock.advance(Milliseconds(1.9));
  expect(vdsmTime(clock)).toBe(2_147_483_648);
});
