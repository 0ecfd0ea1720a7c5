import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDomain } from '../../../src/domain-xml/parse.ts';
import type { Domain, VirtioMem, MemoryDevice } from '../../../src/domain-xml/types.ts';
import type { HypervisorError } from '../../../src/host/hypervisor.ts';
import {
  attachedSize,
  placed as placedBy,
  type PluggedDevice,
} from '../../../src/host/simulated/memorySlots.ts';
import { KiB } from '../../../src/common/units.ts';
import { domainXml, GIB, MIB } from './support.ts';
import { assertProperty } from '../../support/property.ts';

const dimm = (size: number, more: Partial<MemoryDevice> = {}): MemoryDevice => ({
  model: 'dimm',
  size: KiB(size),
  node: 0,
  ...more,
});
const virtioMem = (size: number): MemoryDevice =>
  dimm(size, {
    model: 'virtio-mem',
    virtioMem: { block: KiB(2 * MIB), requested: KiB(0), current: KiB(0) },
  });
const plugged = (domain: Domain, device: PluggedDevice): Domain => ({
  ...domain,
  memory: KiB(domain.memory + device.size),
  memoryDevices: [...domain.memoryDevices, device],
});
const domain = parseDomain(domainXml());
const placed = (into: Domain, device: MemoryDevice): PluggedDevice =>
  placedBy(into, device, 'all-devices');

describe('a memory device', () => {
  test('is rounded up to whole MiB when it is plugged; QEMU refuses odd ones', () => {
    expect(attachedSize(KiB(MIB + 1))).toBe(2 * MIB);
    expect(() => attachedSize(KiB(2 * MIB + 1))).toThrow('must be multiple of 0x200000');
  });

  test('keeps only an alias of the user', () => {
    expect(placed(domain, dimm(GIB, { alias: 'ua-x' })).alias).toBe('ua-x');
    expect(placed(domain, dimm(GIB, { alias: 'dimm7' })).alias).toBe('dimm0');
    expect(placed(domain, dimm(GIB, { alias: 'ua-x y' })).alias).toBe('dimm0');
  });

  test('is named by its slot', () => {
    const first = plugged(domain, placed(domain, dimm(GIB, { alias: 'ua-x' })));
    expect(placed(first, dimm(GIB)).alias).toBe('dimm1');
  });

  test('of virtio-mem takes no slot since libvirt 9.5', () => {
    const one = parseDomain(domainXml({ maxMemory: { size: 8 * GIB, slots: 1 } }));
    const two = plugged(one, placedBy(one, virtioMem(GIB), 'dimms'));
    const three = plugged(two, placedBy(two, dimm(GIB), 'dimms'));
    expect(() => placedBy(three, dimm(GIB), 'dimms')).toThrow("'2' exceeds slots count '1'");
  });

  test('gets the lowest free slot, alias and address', () => {
    const [first, second, third] = [0, 1, 2].map((slot) =>
      placed(domain, dimm(128 * MIB, { alias: `dimm${String(slot)}`, address: { slot } })),
    );
    if (!first || !second || !third) throw new Error('three were placed');
    const base = '0x108000000';
    const without = plugged(plugged(domain, first), {
      ...third,
      address: { slot: 2, base: '0x110000000' },
    });
    const expected = { alias: 'dimm1', address: { slot: 1, base } };
    expect(placed(without, dimm(128 * MIB))).toMatchObject(expected);
    expect(placed(without, dimm(256 * MIB)).address?.base).toBe('0x118000000');
  });

  test('of a large guest is placed above its boot memory', () => {
    const large = parseDomain(
      domainXml({ memory: 8 * GIB, maxMemory: { size: 64 * GIB, slots: 4 } }),
    );
    expect(placed(large, dimm(GIB)).address?.base).toBe('0x280000000');
  });

  test('of virtio-mem has its own alias and no slot address, but counts as a slot', () => {
    const one = parseDomain(domainXml({ maxMemory: { size: 8 * GIB, slots: 3 } }));
    const first = placed(one, virtioMem(GIB));
    expect(first).toEqual({ ...virtioMem(GIB), alias: 'virtiomem0' });
    const second = placed(plugged(one, first), virtioMem(GIB));
    expect(second.alias).toBe('virtiomem1');
    const both = plugged(plugged(one, first), second);
    expect(placed(both, dimm(GIB))).toMatchObject({ alias: 'dimm0', address: { slot: 0 } });
    expect(() => placed(both, virtioMem(6 * GIB))).toThrow("exceed domain's maxMemory");
    const three = plugged(both, placed(both, dimm(GIB)));
    expect(() => placed(three, dimm(GIB))).toThrow("'4' exceeds slots count '3'");
  });

  test.each<[string, Partial<VirtioMem> | undefined, string]>([
    ['a block of 3 MiB', { block: KiB(3 * MIB) }, 'block size must be a power of two'],
    ['more requested than it has', { requested: KiB(2 * GIB) }, 'smaller than or equal to @size'],
    ['half a block requested', { requested: KiB(MIB) }, 'requested size must be an integer'],
    ['less than nothing requested', { requested: KiB(-2 * MIB) }, 'requested size must be'],
    ['no word of that', undefined, 'block size must be a power of two'],
  ])('of virtio-mem with %s is refused', (_, changes, message) => {
    const { virtioMem: usual, ...plain } = virtioMem(GIB);
    const device = usual && changes ? { ...plain, virtioMem: { ...usual, ...changes } } : plain;
    expect(() => placed(domain, device)).toThrow(message);
  });

  test.each<[string, Domain, MemoryDevice, Partial<HypervisorError>]>([
    [
      'model nvdimm',
      domain,
      dimm(GIB, { model: 'nvdimm' }),
      { kind: 'unsupported', message: 'use dimm or virtio-mem' },
    ],
    ['no size', domain, dimm(0), { kind: 'invalid', message: 'no size' }],
    [
      'no maxMemory',
      parseDomain(domainXml().replace(/<maxMemory.*<\/maxMemory>/, '')),
      dimm(GIB),
      { kind: 'invalid', message: "domain 'maxMemory' is not defined" },
    ],
    [
      'no NUMA cell',
      parseDomain(domainXml({ cells: 0 })),
      dimm(GIB),
      { kind: 'invalid', message: 'At least one numa node has to be configured' },
    ],
    [
      'an unknown node',
      domain,
      dimm(GIB, { node: 1 }),
      { kind: 'invalid', message: "guest node '1'" },
    ],
    [
      'no free slot',
      parseDomain(domainXml({ maxMemory: { size: 4 * GIB, slots: 0 } })),
      dimm(GIB),
      { kind: 'invalid', message: "exceeds slots count '0'" },
    ],
    [
      'too much memory',
      domain,
      dimm(4 * GIB),
      { kind: 'refused', message: "would exceed domain's maxMemory config size '4194304'" },
    ],
    [
      'a slot out of range',
      domain,
      dimm(GIB, { address: { slot: 16 } }),
      { kind: 'invalid', message: "slot '16'" },
    ],
    [
      'an alias of another',
      plugged(domain, placed(domain, dimm(GIB, { alias: 'ua-x' }))),
      dimm(GIB, { alias: 'ua-x' }),
      { kind: 'invalid', message: 'unsupported configuration: non unique alias detected: ua-x' },
    ],
    [
      'a slot of another',
      plugged(domain, placed(domain, dimm(GIB))),
      dimm(GIB, { address: { slot: 0 } }),
      { kind: 'invalid', message: "slot '0'" },
    ],
  ])('with %s is refused', (_, where, device, { kind, message }) => {
    const attempt = () => placed(where, device);
    expect(attempt).toThrow(expect.objectContaining({ kind }));
    expect(attempt).toThrow(message);
  });
});

test('never shares a slot, an alias or an address with another', () => {
  assertProperty(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 16 }), (sizes) => {
      const full = sizes.reduce(
        (before, size) => plugged(before, placed(before, dimm(size * MIB))),
        domain,
      );
      const ranges = full.memoryDevices
        .map(({ address, size }) => [Number(address?.base), size * 1024] as const)
        .sort(([a], [b]) => a - b);
      ranges.reduce((end, [from, size]) => {
        expect(from).toBeGreaterThanOrEqual(end);
        return from + size;
      }, 0);
      expect(new Set(full.memoryDevices.map(({ alias }) => alias)).size).toBe(sizes.length);
      expect(new Set(full.memoryDevices.map(({ address }) => address?.slot)).size).toBe(
        sizes.length,
      );
    }),
  );
});
