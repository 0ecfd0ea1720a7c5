import { describe, expect, test } from '@jest/globals';
import type { Domain } from '../../src/domain-xml/types.ts';
import { dimmsToPlug } from '../../src/memory/dimmsToPlug.ts';
import { dimms, virtioMem, mib, vmWith } from './domains.ts';

const none = mib(0);

const plugged = (domain: Domain, increment: number, splitFirstBlock = false): unknown =>
  dimmsToPlug(
    domain,
    { increment: mib(increment), room: none },
    { splitFirstBlock, slotRule: 'all-devices' },
  );

const slots = (count: number, size = 16384): Partial<Domain> => ({
  maxMemory: { size: mib(size), slots: count },
});

const without = (name: 'maxMemory'): Domain =>
  Object.fromEntries(Object.entries(vmWith([])).filter(([key]) => key !== name)) as never;

describe('DIMMs', () => {
  test.each([
    ['are rounded up to a block', vmWith([]), 200, [256]],
    ['are rounded up to the larger block of POWER', vmWith([], { arch: 'ppc64le' }), 300, [512]],
    ['go up to the very maximum', vmWith([], slots(1, 2048)), 1024, [1024]],
    ['take the last slot', vmWith(dimms(128), slots(2)), 128, [128]],
  ])('%s', (_, domain, increment, sizes) => {
    expect(plugged(domain, increment)).toEqual({ sizes: sizes.map(mib), warnings: [] });
  });

  test('are as large as the maximum allows if rounding up would exceed it, with a warning', () => {
    expect(plugged(vmWith([], slots(2, 2100)), 1050)).toEqual({
      sizes: [mib(1024)],
      warnings: [
        "no more than 2048 MiB fit below the VM's maximum of 2100 MiB, since DIMMs come in blocks of 128 MiB",
      ],
    });
  });

  test('are none if virtio-mem has the room', () => {
    const growth = { increment: mib(100), room: mib(100) };
    expect(
      dimmsToPlug(without('maxMemory'), growth, {
        splitFirstBlock: true,
        slotRule: 'all-devices' as const,
      }),
    ).toEqual({
      sizes: [],
      warnings: [],
    });
  });

  test('are none if no block fits beside full virtio-mem, with a warning', () => {
    const domain = vmWith(virtioMem({ size: 64, requested: 0 }), slots(2, 1100));
    const growth = { increment: mib(70), room: mib(64) };
    expect(
      dimmsToPlug(domain, growth, { splitFirstBlock: true, slotRule: 'all-devices' as const }),
    ).toEqual({
      sizes: [],
      warnings: [expect.stringContaining('no more than 1088 MiB fit')],
    });
  });
});

describe('the first block', () => {
  test('is a DIMM of its own if the VM has none of that size', () => {
    const devices = [...dimms(256), { model: 'nvdimm', size: mib(128), node: 0 }];
    expect(plugged(vmWith(devices), 512, true)).toEqual({
      sizes: [mib(128), mib(384)],
      warnings: [],
    });
  });

  test.each(['all-devices', 'dimms'] as const)(
    'is part of the other if there is only one slot, with a warning (slots for %s)',
    (slotRule) => {
      const growth = { increment: mib(512), room: none };
      expect(
        dimmsToPlug(vmWith([], slots(1)), growth, { splitFirstBlock: true, slotRule }),
      ).toEqual({
        sizes: [mib(512)],
        warnings: [
          'the first block is not plugged as a DIMM of its own: all 1 memory slots are in use',
        ],
      });
    },
  );
});

describe('no DIMM is plugged', () => {
  test.each([
    [
      'above the maximum',
      vmWith([], slots(2, 4096)),
      4000,
      "5024 MiB would exceed the VM's maximum of 4096 MiB; ask for 4096 MiB or less",
    ],
    [
      'above what other devices leave of the maximum',
      vmWith([{ model: 'nvdimm', size: mib(512), node: 0 }], slots(2, 4096)),
      3000,
      "4024 MiB would exceed the VM's maximum of 4096 MiB, 512 MiB of it for other devices; ask for 3584 MiB or less",
    ],
    [
      'where no block fits below the maximum',
      vmWith([], slots(2, 1100)),
      64,
      "no more than 1024 MiB fit below the VM's maximum of 1100 MiB, since DIMMs come in blocks of 128 MiB; ask for that or less",
    ],
    [
      'without a maximum',
      without('maxMemory'),
      128,
      "the VM was started without maximum memory and slots (maxMemSize, maxMemSlots); ask for 1024 MiB or less, or change that for the VM's next start",
    ],
    [
      'without a slot',
      vmWith(dimms(256, 256), slots(2)),
      128,
      "all 2 memory slots are in use; ask for 1536 MiB or less, or change that for the VM's next start",
    ],
    [
      'without a NUMA cell',
      vmWith([], { numaCells: 0 }),
      128,
      "the VM was started without a NUMA cell to plug memory into; ask for 1024 MiB or less, or change that for the VM's next start",
    ],
  ])('%s, with that reason', (_, domain, increment, obstacle) => {
    expect(plugged(domain, increment, true)).toEqual({ obstacle });
  });

  test('without a slot, and the error names the room of virtio-mem', () => {
    const domain = vmWith(virtioMem({ size: 64, requested: 0 }), slots(1));
    const growth = { increment: mib(70), room: mib(64) };
    expect(
      dimmsToPlug(domain, growth, { splitFirstBlock: false, slotRule: 'all-devices' as const }),
    ).toEqual({
      obstacle: expect.stringContaining('ask for 1088 MiB or less'),
    });
  });
});
