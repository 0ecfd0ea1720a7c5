import { describe, expect, test } from '@jest/globals';
import { KiB } from '../../src/common/units.ts';
import { matches, sorted } from '../../web/model/order.ts';
import { GIB, vmWith, without } from './vms.ts';

const names = (vms: readonly { readonly name: string }[]): readonly string[] =>
  vms.map(({ name }) => name);

describe('the order of the VMs', () => {
  const calm = vmWith({ name: 'calm', used_kib: KiB(0.3 * GIB) });
  const tight = vmWith({ name: 'tight', used_kib: KiB(2.9 * GIB) });
  const off = vmWith({ name: 'a-off', status: 'Down' });
  const warned = vmWith({ name: 'warned', warnings: [{ kind: 'swapping', text: 'it swaps' }] });
  const job = { job_id: '1', action: 'plug', started: '', devices: 1, devices_open: 1 } as const;
  const busy = vmWith({ name: 'busy', jobs: [job] });

  test('by need has warnings first, then changes, then what is short of memory, and what is off last', () => {
    expect(names(sorted([off, calm, tight, busy, warned], 'need'))).toEqual([
      'warned',
      'busy',
      'tight',
      'calm',
      'a-off',
    ]);
  });

  test('does not change with small differences in need', () => {
    const more = vmWith({ name: 'b', used_kib: KiB(1.51 * GIB) });
    expect(names(sorted([more, vmWith({ name: 'a' })], 'need'))).toEqual(['a', 'b']);
  });

  test('by name counts', () => {
    const vms = ['web-10', 'web-9', 'Web-1'].map((name) => vmWith({ name }));
    expect(names(sorted(vms, 'name'))).toEqual(['Web-1', 'web-9', 'web-10']);
  });

  test('by size has the largest first, and what is not known last', () => {
    const small = vmWith({ name: 'small', maximum_kib: KiB(GIB) });
    const bare = without(vmWith({ name: 'bare' }), 'maximum_kib', 'memory_kib');
    expect(names(sorted([bare, small, calm], 'size'))).toEqual(['calm', 'small', 'bare']);
  });
});

describe('the filter', () => {
  test.each(['', 'web', 'WEB prod', '0001'])('%j finds web-1.prod', (filter) => {
    expect(matches(vmWith({ name: 'web-1.prod' }), filter)).toBe(true);
  });

  test('needs each word', () => {
    expect(matches(vmWith({ name: 'web-1.prod' }), 'web test')).toBe(false);
  });
});
