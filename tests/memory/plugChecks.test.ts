import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Domain, MemoryDevice } from '../../src/domain-xml/types.ts';
import { findDevice, memoryBlock, plugObstacle } from '../../src/memory/plugChecks.ts';
import { KiB, MiB, toKiB } from '../../src/common/units.ts';
import { assertProperty } from '../support/property.ts';

const dimm = (size: number, changes: Partial<MemoryDevice> = {}): MemoryDevice => ({
  model: 'dimm',
  size: toKiB(MiB(size)),
  node: 0,
  ...changes,
});

const domain = (changes: Partial<Domain> = {}): Domain => ({
  uuid: '00000000-0000-4000-8000-000000000001',
  name: 'x',
  type: 'kvm',
  arch: 'x86_64',
  machine: 'q35',
  vcpus: 1,
  hasAcpi: true,
  memory: toKiB(MiB(1024)),
  currentMemory: toKiB(MiB(1024)),
  maxMemory: { size: toKiB(MiB(4096)), slots: 2 },
  numaCells: 1,
  memoryDevices: [],
  devicesHash: '',
  ...changes,
});

const without = (name: 'maxMemory'): Domain =>
  Object.fromEntries(Object.entries(domain()).filter(([key]) => key !== name)) as unknown as Domain;

test.each([
  ['x86_64', 128],
  ['i686', 128],
  ['aarch64', 128],
  ['ppc64', 256],
  ['ppc64le', 256],
])('the block of %s is %i MiB', (arch, block) => {
  expect(memoryBlock(arch)).toBe(block);
});

describe('a device fits', () => {
  test.each([
    ['of one block', domain(), dimm(128)],
    ['up to the very maximum', domain(), dimm(3072)],
    ['into the last slot', domain({ memoryDevices: [dimm(128)] }), dimm(128)],
    [
      'beside one of another alias',
      domain({ memoryDevices: [dimm(128, { alias: 'ua-1' })] }),
      dimm(128, { alias: 'ua-2' }),
    ],
    ['into the last node', domain({ numaCells: 2 }), dimm(128, { node: 1 })],
  ])('%s', (_, into, device) => {
    expect(plugObstacle(into, device, 'all-devices')).toBeUndefined();
  });
});

describe('a device does not fit', () => {
  test.each([
    ['of no size', domain(), dimm(0), 'not 0 MiB'],
    ['of a negative size', domain(), dimm(-128), 'not -128 MiB'],
    ['of half a block', domain(), dimm(64), 'not 64 MiB'],
    ['of a broken MiB', domain(), dimm(0, { size: KiB(131_073) }), 'not 131073 KiB'],
    ['of one x86 block on POWER', domain({ arch: 'ppc64le' }), dimm(128), '256 MiB'],
    ['without a ceiling', without('maxMemory'), dimm(128), 'maxMemSize'],
    ['without a NUMA cell', domain({ numaCells: 0 }), dimm(128), 'NUMA cell'],
    ['into a node that is not there', domain(), dimm(128, { node: 1 }), 'no NUMA node 1'],
    ['into a negative node', domain(), dimm(128, { node: -1 }), 'no NUMA node -1'],
    [
      'when all slots are taken',
      domain({ memoryDevices: [dimm(128), dimm(128)] }),
      dimm(128),
      'all 2 memory slots',
    ],
    ['above the maximum', domain(), dimm(3200), '4224 MiB would exceed'],
    [
      'with the alias of another one',
      domain({ memoryDevices: [dimm(128), dimm(128, { alias: 'ua-1' })] }),
      dimm(128, { alias: 'ua-1' }),
      'a memory device ua-1 already',
    ],
  ])('%s, and that is said', (_, into, device, reason) => {
    expect(plugObstacle(into, device, 'all-devices')).toContain(reason);
  });
});

test('a size above the maximum that was probably given in KiB is corrected, another one is not', () => {
  const reason = (size: number) => plugObstacle(domain(), dimm(size), 'dimms');
  expect(reason(3200)).toBe("4224 MiB would exceed the VM's maximum of 4096 MiB");
  expect(reason(262_144)).toBe(
    "263168 MiB would exceed the VM's maximum of 4096 MiB; sizes are in MiB, 262144 KiB are 256",
  );
});

test('any device that fits has whole blocks and keeps the VM within its maximum', () => {
  assertProperty(
    fc.property(
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
      fc.integer({ min: -2, max: 3 }),
      (size, node) => {
        const device = dimm(0, { size: KiB(size), node });
        if (plugObstacle(domain(), device, 'all-devices') !== undefined) return;
        expect(size % (128 * 1024)).toBe(0);
        expect(size).toBeGreaterThan(0);
        expect(size + 1024 * 1024).toBeLessThanOrEqual(4096 * 1024);
        expect(node).toBe(0);
      },
    ),
  );
});

describe('a device is found', () => {
  const devices = [
    dimm(128, { alias: 'dimm0', address: { slot: 0, base: '0x100000000' } }),
    dimm(128, { alias: 'ua-1', address: { slot: 1, base: '0x108000000' }, node: 1 }),
    dimm(256, { alias: 'dimm2', address: { slot: 2 } }),
    dimm(512),
  ];

  test.each([
    ['by alias', { alias: 'ua-1' }, 1],
    ['by alias whatever else is said', { alias: 'ua-1', slot: 0, size: KiB(5) }, 1],
    ['by slot', { slot: 2 }, 2],
    ['by base, in hexadecimal of any case', { base: '0X108000000' }, 1],
    ['by base, in decimal', { base: '004429185024' }, 1],
    ['by slot and base', { slot: 0, base: '0x100000000' }, 0],
    [
      'by base and size where its alias is another',
      { alias: 'ua-2', base: '0x108000000', size: toKiB(MiB(128)) },
      1,
    ],
    [
      'by slot, base and size where its alias is another',
      { alias: 'ua-2', slot: 1, base: '0x108000000', size: toKiB(MiB(128)) },
      1,
    ],
    ['by size, the first', { size: toKiB(MiB(128)) }, 0],
    ['by size and node', { size: toKiB(MiB(128)), node: 1 }, 1],
    ['by size where it has neither alias nor address', { size: toKiB(MiB(512)) }, 3],
  ])('%s', (_, wish, index) => {
    expect(findDevice(devices, wish)).toBe(devices[index]);
  });

  test('by size, a DIMM before others', () => {
    const [nvdimm, virtioMem, other] = [
      dimm(128, { model: 'nvdimm' }),
      dimm(128, { model: 'virtio-mem' }),
      dimm(128),
    ];
    const wish = { size: toKiB(MiB(128)) };
    expect(findDevice([nvdimm, virtioMem, other], wish)).toBe(other);
    expect(findDevice([nvdimm, virtioMem], wish)).toBe(nvdimm);
  });

  test.each([
    ['for another alias, even of a size that is there', { alias: 'x', size: toKiB(MiB(128)) }],
    ['for another alias in a slot that is taken', { alias: 'ua-2', slot: 1 }],
    [
      'for another alias in a slot that holds that size',
      { alias: 'ua-2', slot: 1, size: toKiB(MiB(128)) },
    ],
    ['for another alias at a base without a size', { alias: 'ua-2', base: '0x108000000' }],
    [
      'for another alias at a base in another slot',
      { alias: 'ua-2', slot: 0, base: '0x108000000', size: toKiB(MiB(128)) },
    ],
    [
      'for another alias at a base that holds another size',
      { alias: 'ua-2', base: '0x108000000', size: toKiB(MiB(256)) },
    ],
    ['for a slot that is empty', { slot: 7 }],
    ['for a slot and another base', { slot: 0, base: '0x108000000' }],
    ['for a slot that holds another size', { slot: 0, size: toKiB(MiB(256)) }],
    ['for a base where the device has none', { slot: 2, base: '0x100000000' }],
    ['for a base that is no number', { base: 'here' }],
    ['for a base that begins with a number', { base: '0x108000000 or so' }],
    ['for a base that ends with a number', { base: 'at 0x108000000' }],
    ['for another node', { size: toKiB(MiB(256)), node: 1 }],
    ['for a node alone', { node: 0 }],
    ['for nothing', {}],
  ])('never %s', (_, wish) => {
    expect(findDevice(devices, wish)).toBeUndefined();
  });
});

describe('slots', () => {
  const virtioMem = dimm(1024, { model: 'virtio-mem' });
  const nvdimm = dimm(128, { model: 'nvdimm' });
  const beside = (...memoryDevices: readonly MemoryDevice[]) => domain({ memoryDevices });

  test('are taken by every device before libvirt 9.5', () => {
    const full = beside(virtioMem, virtioMem);
    expect(plugObstacle(full, dimm(128), 'all-devices')).toBe('all 2 memory slots are in use');
  });

  test('are taken by DIMMs and NVDIMMs only since libvirt 9.5', () => {
    expect(plugObstacle(beside(virtioMem, virtioMem), dimm(128), 'dimms')).toBeUndefined();
    expect(plugObstacle(beside(nvdimm, dimm(128)), dimm(128), 'dimms')).toContain('2 memory slots');
    expect(plugObstacle(beside(dimm(128), dimm(128)), virtioMem, 'dimms')).toBeUndefined();
  });

  test('that a VM does not have are said to be missing', () => {
    const none = domain({ maxMemory: { size: toKiB(MiB(4096)), slots: 0 } });
    expect(plugObstacle(none, dimm(128), 'dimms')).toContain('without memory slots');
    expect(plugObstacle(none, virtioMem, 'dimms')).toBeUndefined();
  });
});

test("an alias that libvirt replaces may be another device's", () => {
  const into = domain({ memoryDevices: [dimm(128, { alias: 'dimm0' })] });
  expect(plugObstacle(into, dimm(128, { alias: 'dimm0' }), 'dimms')).toBeUndefined();
});
