import { expect, test } from '@jest/globals';
import { KiB } from '../../src/common/units.ts';
import { hostWarnings } from '../../src/overview/hostWarnings.ts';

const unknown = {
  simulated: false,
  read_only: false,
  vmemd_version: '1',
  vms: 0,
  vms_up: 0,
  promised_kib: KiB(100),
};
const calm = { ...unknown, total_kib: KiB(1000), available_kib: KiB(500) };

test('a host that is well, or of which nothing is known, has no warnings', () => {
  expect(hostWarnings({ ...calm, stall_percent: 1, swap_in_kib_s: 10 })).toEqual([]);
  expect(hostWarnings(unknown)).toEqual([]);
});

test.each([
  ['hypervisor-away', { link_problem: 'refused', link_problem_since: '2026' }, 'since 2026'],
  ['promised-too-much', { promised_kib: KiB(1001) }, 'lower guarantees'],
  ['host-short', { available_kib: KiB(49) }, 'lower balloon targets'],
  ['host-swapping', { swap_in_kib_s: 1000, swap_out_kib_s: 24 }, '1000 KiB in and 24 KiB out'],
  ['host-stalled', { stall_percent: 12.4 }, '12 %'],
])('%s says what is wrong and what to do', (kind, given, words) => {
  expect(hostWarnings({ ...calm, ...given })).toEqual([
    { kind, text: expect.stringContaining(words) },
  ]);
});
