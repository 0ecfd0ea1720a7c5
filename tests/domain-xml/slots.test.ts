import { expect, test } from '@jest/globals';
import { slotRuleOf, slotsTaken, takesSlot } from '../../src/domain-xml/slots.ts';

const MODELS = ['dimm', 'nvdimm', 'virtio-mem', 'virtio-pmem', 'sgx-epc'];

test.each([
  [9_000_000, 'all-devices'],
  [9_004_999, 'all-devices'],
  [9_005_000, 'dimms'],
  [11_003_000, 'dimms'],
])('of libvirt %i the rule is %s', (version, rule) => {
  expect(slotRuleOf(version)).toBe(rule);
});

test('each device takes a slot, or DIMMs and NVDIMMs only', () => {
  const devices = MODELS.map((model) => ({ model }));
  expect(devices.filter((device) => takesSlot(device, 'dimms'))).toEqual([
    { model: 'dimm' },
    { model: 'nvdimm' },
  ]);
  expect(slotsTaken(devices, 'dimms')).toBe(2);
  expect(slotsTaken(devices, 'all-devices')).toBe(5);
  expect(slotsTaken([], 'all-devices')).toBe(0);
});
