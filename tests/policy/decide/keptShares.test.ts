import { expect, test } from '@jest/globals';
import { keptShares } from '../../../src/policy/decide/keptShares.ts';

test('mom keeps a goal and no reserve', () => {
  expect(keptShares({ algorithm: 'mom' })).toEqual({ goal: 0.2 });
  expect(keptShares({ algorithm: 'mom', pressureThreshold: 0.3 })).toEqual({ goal: 0.3 });
});

test('adaptive keeps a goal and a reserve', () => {
  expect(keptShares({ algorithm: 'adaptive' })).toEqual({ goal: 0.2, reserve: 0.05 });
  expect(keptShares({ algorithm: 'adaptive', goal: 0.4, reserve: 0.1 })).toEqual({
    goal: 0.4,
    reserve: 0.1,
  });
});
