import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDomain, parseMemoryDevice } from '../../src/domain-xml/parse.ts';
import { DomainXmlError } from '../../src/domain-xml/types.ts';
import { described, domainXml, fixture } from './fixture.ts';
import { assertProperty } from '../support/property.ts';

describe('parsing a domain', () => {
  test.each(['live', 'engine'])('reads %s.xml as in its JSON file', (name) => {
    expect(parseDomain(fixture(`${name}.xml`))).toEqual(described(`${name}.json`));
  });

  test('omits values that the XML does not have', () => {
    expect(parseDomain(domainXml())).toEqual({
      uuid: '6e2a1b0c-0000-4000-8000-000000000001',
      name: 'small',
      type: 'qemu',
      arch: '',
      machine: '',
      vcpus: 1,
      hasAcpi: false,
      memory: 1048576,
      currentMemory: 1048576,
      numaCells: 0,
      memoryDevices: [],
      devicesHash: expect.stringMatching(/^[\da-f]{16}$/),
    });
  });

  test('returns the UUID in lower case with hyphens', () => {
    const xml = domainXml().replace(
      /<uuid>.*<\/uuid>/,
      '<uuid>6E2A1B0C00004000800000000000000F</uuid>',
    );
    expect(parseDomain(xml).uuid).toBe('6e2a1b0c-0000-4000-8000-00000000000f');
  });

  test('keeps blanks in a name', () => {
    expect(parseDomain(domainXml().replace('small', ' a  b ')).name).toBe(' a  b ');
  });

  test('accepts names in any script', () => {
    const letters = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    const names = letters.filter(
      (name) => name.trim() !== '' && !/[\p{Cc}/<&\uffff\ufffe]/u.test(name),
    );
    assertProperty(
      fc.property(names, (name) => {
        expect(parseDomain(domainXml().replace('small', () => name)).name).toBe(name);
      }),
    );
  });

  test('reads maxMemory without slots as 0 slots', () => {
    expect(parseDomain(domainXml('<maxMemory>2097152</maxMemory>')).maxMemory).toEqual({
      size: 2097152,
      slots: 0,
    });
  });

  test.each([
    ['no domain', '<network/>', 'give a <domain>'],
    ['no UUID', domainXml().replace(/<uuid>.*<\/uuid>/, ''), 'has no <uuid>'],
    ['a name with NUL', domainXml().replace('small', 'a\0b'), 'U+0000'],
    ['no type', domainXml().replace(' type="qemu"', ''), '<domain> has no type'],
    ['no memory', domainXml().replace(/<memory>.*<\/memory>/, ''), 'no <memory>'],
    ['memory that is no number', domainXml().replace('1048576', '-1'), '<memory> is "-1"'],
    ['vCPUs that are no number', domainXml('<vcpu>two</vcpu>'), '<vcpu> is "two"'],
    [
      'two balloons',
      domainXml('', '<memballoon model="virtio"/><memballoon model="none"/>'),
      'two <memballoon>',
    ],
    ['a balloon without model', domainXml('', '<memballoon/>'), '<memballoon> has no model'],
    ['a memory device without size', domainXml('', '<memory model="dimm"/>'), 'no <target><size>'],
  ])('refuses XML with %s', (_, xml, reason) => {
    expect(() => parseDomain(xml)).toThrow(DomainXmlError);
    expect(() => parseDomain(xml)).toThrow(reason);
  });

  test.each(['', ' ', 'a/b', 'a\nb', 'a\u0085', '..', 'x'.repeat(300)])(
    'accepts any name of a domain that exists: %j',
    (name) => {
      const xml = domainXml().replace('>small<', `>${name.replace('\n', '&#10;')}<`);
      expect(parseDomain(xml).name).toBe(name);
    },
  );
});

test('a long wrong value is quoted in part, followed by the advice', () => {
  const parse = () => parseDomain(domainXml().replace('1048576', 'x'.repeat(100_000)));
  expect(parse).toThrow(/^<memory> is "x{100,200} … x{10,60}"; give a whole number of 0 or more$/);
});

describe('the hash of the devices', () => {
  const hash = (devices: string, inside = '') =>
    parseDomain(domainXml(inside, devices)).devicesHash;
  const dimm = '<memory model="dimm"><target><size>131072</size></target></memory>';

  test('changes with each device that is added, removed or gets an address', () => {
    const addressed = dimm.replace('</memory>', '<address type="dimm" slot="1"/></memory>');
    const all = ['', dimm, dimm + dimm, addressed, dimm.replace('131072', '262144')];
    expect(new Set(all.map((devices) => hash(devices))).size).toBe(all.length);
  });

  test("does not change with a device's requested and current size", () => {
    const used = (requested: number, current: number) =>
      hash(
        `<memory model="virtio-mem"><target><size>8</size><block>2</block><requested>${requested}</requested><current>${current}</current></target></memory>`,
      );
    expect(used(4, 2)).toBe(used(6, 6));
  });

  test('does not change with layout, comments, order of attributes or other elements', () => {
    const a = hash('<disk type="file" device="disk"><target dev="vda"/></disk>');
    expect(
      hash(`<disk device='disk'\n type='file'><!-- a --> <target dev="vda"></target></disk>`),
    ).toBe(a);
    const inside = '<currentMemory>1</currentMemory>';
    expect(hash('<disk type="file" device="disk"><target dev="vda"/></disk>', inside)).toBe(a);
  });
});

describe('parsing a memory device', () => {
  const xml =
    '<memory model="dimm"><target><size unit="MiB">128</size><node>1</node></target>' +
    '<alias name="ua-1"/><address type="dimm" slot="2" base="0x100000000"/></memory>';
  const device = {
    model: 'dimm',
    size: 131072,
    node: 1,
    alias: 'ua-1',
    address: { slot: 2, base: '0x100000000' },
  };

  test('accepts it alone and inside <devices>', () => {
    expect(parseMemoryDevice(xml)).toEqual(device);
    expect(parseMemoryDevice(`<devices>${xml}</devices>`)).toEqual(device);
  });

  test('uses node 0 by default, and ignores addresses of other types', () => {
    const plain =
      '<memory model="nvdimm"><target><size>1024</size></target><address type="pci"/></memory>';
    expect(parseMemoryDevice(plain)).toEqual({ model: 'nvdimm', size: 1024, node: 0 });
  });

  const virtioMem = (inside: string, model = 'virtio-mem') =>
    parseMemoryDevice(
      `<memory model="${model}"><target><size unit="MiB">512</size><node>0</node>${inside}</target>
      <alias name="virtiomem0"/><address type="pci" bus="0x03" slot="0x00" function="0x0"/></memory>`,
    ).virtioMem;

  test("reads virtio-mem's requested and current size, 0 by default", () => {
    const block = '<block unit="MiB">2</block>';
    expect(
      virtioMem(`${block}<requested unit="KiB">131072</requested><current unit="GiB">1</current>`),
    ).toEqual({ block: 2048, requested: 131072, current: 1048576 });
    expect(virtioMem(block)).toEqual({ block: 2048, requested: 0, current: 0 });
    expect(() => virtioMem(`${block}<requested>much</requested>`)).toThrow("device's requested");
  });

  test('refuses blocks of 0, of which no size is made', () => {
    expect(() => virtioMem('<block>0</block><requested>1</requested>')).toThrow('block is 0');
  });

  test('has no virtio-mem sizes for other models, or without blocks', () => {
    expect(virtioMem('<block>128</block><requested>1</requested>', 'nvdimm')).toBeUndefined();
    expect(virtioMem('<requested>1</requested>')).toBeUndefined();
  });

  test.each([
    ['another device', '<disk/>'],
    ['no device', '<devices/>'],
    ['two devices', `<devices>${xml}${xml}</devices>`],
    ['another device beside it', `<devices>${xml}<disk/></devices>`],
    ['another device before it', `<devices><disk/>${xml}</devices>`],
    ['text beside it', `<devices>${xml}dimm</devices>`],
    ['a device without model', '<memory><target><size>1</size></target></memory>'],
    ['an address without slot', xml.replace('slot="2" ', '')],
    ['a fractional size', xml.replace('128', '1.5')],
  ])('refuses %s', (_, wrong) => {
    expect(() => parseMemoryDevice(wrong)).toThrow(DomainXmlError);
  });
});
