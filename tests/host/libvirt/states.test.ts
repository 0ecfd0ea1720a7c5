import { expect, test } from '@jest/globals';
import { domainStateOf } from '../../../src/host/libvirt/states.ts';

test.each([
  [0, 'running'],
  [1, 'running'],
  [2, 'running'],
  [3, 'paused'],
  [4, 'shutting-down'],
  [5, 'shut-off'],
  [6, 'crashed'],
  [7, 'pm-suspended'],
  [99, 'running'],
])('virDomainState %i is %s', (state, name) => {
  expect(domainStateOf(state)).toBe(name);
});
