import { expect, test } from '@jest/globals';
import { promisesOf } from '../../../src/policy/reservations/accounts.ts';

const host = { capacity: 1000, available: 500, reserve: 50 };

test('what is promised is what VMs are promised and what is reserved', () => {
  const vms = [{ id: 'a', promised: 200, occupied: 300 }];
  expect(promisesOf(host, vms, [{ amount: 100 }])).toEqual({
    own: 200,
    limit: 750,
    guaranteed: 200,
    reserved: 100,
    left: 450,
  });
});

test.each([
  ['does not run', undefined, 100],
  ['runs, with less promised to it', 60, 40],
  ['runs, with more promised to it', 200, 0],
])('a reservation for a VM that %s counts once', (_, promised, reserved) => {
  const vms = promised === undefined ? [] : [{ id: 'a', promised, occupied: 0 }];
  const both = [
    { amount: 70, vm: 'a' },
    { amount: 30, vm: 'a' },
  ];
  expect(promisesOf(host, vms, both).reserved).toBe(reserved);
});

test('more promised than the host has is less than nothing left', () => {
  const vms = [{ id: 'a', promised: 2000, occupied: 300 }];
  expect(promisesOf(host, vms, []).left).toBe(-1250);
});
