import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { memoryDeviceXml } from '../../src/domain-xml/memoryDevice.ts';
import { parseMemoryDevice } from '../../src/domain-xml/parse.ts';
import { KiB } from '../../src/common/units.ts';
import { assertProperty } from '../support/property.ts';

describe('the XML of a memory device', () => {
  test('describes a DIMM with alias and address', () => {
    const device = {
      size: KiB(131072),
      node: 0,
      alias: 'ua-1',
      address: { slot: 3, base: '0x108000000' },
    };
    expect(memoryDeviceXml(device)).toBe(
      `<memory model="dimm">
  <target>
    <size unit="KiB">131072</size>
    <node>0</node>
  </target>
  <alias name="ua-1"/>
  <address type="dimm" slot="3" base="0x108000000"/>
</memory>`,
    );
  });

  test('describes a virtio-mem device with its block and requested size', () => {
    const virtioMem = { block: KiB(2048), requested: KiB(65536) };
    const device = { model: 'virtio-mem', size: KiB(524288), node: 0, virtioMem };
    expect(memoryDeviceXml(device)).toBe(
      `<memory model="virtio-mem">
  <target>
    <size unit="KiB">524288</size>
    <node>0</node>
    <block unit="KiB">2048</block>
    <requested unit="KiB">65536</requested>
  </target>
</memory>`,
    );
  });

  test('has no alias and address if none are given', () => {
    expect(memoryDeviceXml({ size: KiB(1024), node: 1 })).not.toMatch(/alias|address/);
  });

  test('parses to the same device, with any alias', () => {
    const printable = fc
      .string({ unit: 'grapheme' })
      .filter((text) => !/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(text));
    const size = fc.nat({ max: 2 ** 31 - 1 }).map((n) => KiB(n + 1));
    const common = {
      size,
      node: fc.nat({ max: 7 }),
      alias: printable,
    };
    const address = fc.record({ slot: fc.nat({ max: 255 }), base: printable });
    const dimm = fc.record({ ...common, model: fc.constantFrom('dimm', 'nvdimm'), address });
    const virtioMem = fc.record({ block: size, requested: size, current: size });
    const device = fc.record({ ...common, model: fc.constant('virtio-mem'), virtioMem });
    assertProperty(
      fc.property(fc.oneof(dimm, device), (made) => {
        expect(parseMemoryDevice(memoryDeviceXml(made))).toEqual(made);
      }),
    );
  });

  test.each([
    ['no size', { size: KiB(0), node: 0 }, 'size above 0'],
    ['a negative size', { size: KiB(-1), node: 0 }, 'size above 0'],
    ['a fractional size', { size: KiB(1.5), node: 0 }, 'size above 0'],
    ['a negative node', { size: KiB(1), node: -1 }, 'is not a NUMA node'],
    ['a fractional node', { size: KiB(1), node: 0.5 }, 'is not a NUMA node'],
    ['NUL in its alias', { size: KiB(1), node: 0, alias: 'a\0' }, 'U+0000'],
  ])('refuses a device with %s', (_, device, reason) => {
    expect(() => memoryDeviceXml(device)).toThrow(reason);
  });
});
