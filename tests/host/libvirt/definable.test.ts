import { expect, test } from '@jest/globals';
import { definable } from '../../../src/host/libvirt/definable.ts';

const xml =
  '<domain type="kvm"><memtune><min_guarantee unit="KiB">512</min_guarantee></memtune></domain>';

test('QEMU is not given the guarantee, which it refuses; others are', () => {
  expect(definable(xml, true)).toBe('<domain type="kvm"/>');
  expect(definable(xml, false)).toBe(xml);
});
