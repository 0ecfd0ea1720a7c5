import { describe, expect, test } from '@jest/globals';
import { KiB } from '../../src/common/units.ts';
import { ago, lasting } from '../../web/model/age.ts';
import { changeWords } from '../../web/model/jobs.ts';
import { balloonWords, freshnessWords, jobWords, limitWords } from '../../web/model/words.ts';
import { GIB, vmWith, without } from './vms.ts';

describe('words for a VM', () => {
  test('date figures that are stale, also while nothing new comes', () => {
    const stale = vmWith({ freshness: { state: 'stale', age_s: 95 } });
    expect(freshnessWords(stale, 5)).toBe('Guest has not reported for 100 s');
    expect(freshnessWords(vmWith(), 5)).toBeUndefined();
  });

  test('do not date what has never been reported', () => {
    expect(freshnessWords(vmWith({ freshness: { state: 'never' } }), 5)).toBe(
      'Guest has not reported yet',
    );
  });

  test('name both sizes of a balloon on its way', () => {
    const vm = vmWith({ moving: 'on-its-way', target_kib: KiB(2 * GIB) });
    expect(balloonWords(vm)).toBe('Balloon on its way: 3.00 GiB → 2.00 GiB');
    expect(balloonWords(vmWith())).toBeUndefined();
  });

  test('say that there is no guarantee', () => {
    expect(limitWords(without(vmWith(), 'guaranteed_kib'))).toBe('No guarantee, 4.00 GiB at most');
  });

  test('say how far a change of devices is', () => {
    const job = {
      job_id: '1',
      action: 'unplug',
      started: '',
      devices: 3,
      devices_open: 1,
    } as const;
    expect(jobWords(vmWith({ jobs: [job] }))).toBe('Removing memory: 2 of 3 done');
  });

  test('say what the guest has to do for a change of a device', () => {
    const change = { alias: 'a', size_mib: 512, attempts: 2, state: 'requested' } as const;
    expect(changeWords({ ...change, action: 'unplug' } as never)).toBe(
      'Remove 0.50 GiB: waits for the guest, which has to move its data away and let go of it (asked 2 times).',
    );
  });
});

test.each([
  [1, 'just now', '1 s'],
  [119, '119 s ago', '119 s'],
  [3599, '59 min ago', '59 min'],
  [86_400, '24 h ago', '24 h'],
  [200_000, '2 days ago', '2 days'],
])('%d s are told as %s', (seconds, age, duration) => {
  expect(ago(seconds)).toBe(age);
  expect(lasting(seconds)).toBe(duration);
});
