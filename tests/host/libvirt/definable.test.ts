import { expect, test } from '@jest/globals';
import { definable } from '../../../src/host/libvirt/definable.ts';

const xml =
  '<domain type="kvm"><memtune><min_guarantee unit="KiB">512</min_guarantee></memtune></domain>';

test('the guarantee is removed for QEMU, which refuses it, and kept for other drivers', () => {
  expect(definable(xml, true)).toBe('<domain type="kvm"/>');
  expect(definable(xml, false)).toBe(xml);
});
