import { describe, expect, test } from '@jest/globals';
import { domainAtStart } from '../../src/domain-xml/align.ts';
import { normalizeDomain } from '../../src/domain-xml/normalize.ts';
import { domainOf } from '../../src/domain-xml/parse.ts';
import { DomainXmlError } from '../../src/domain-xml/types.ts';
import { readXml } from '../../src/domain-xml/readXml.ts';
import { writeXml } from '../../src/domain-xml/writeXml.ts';

const UUID = '6e2a1b0c-0000-4000-8000-00000000000a';

interface Parts {
  readonly arch?: string;
  readonly uuid?: string;
  readonly sizes?: string;
  readonly cells?: readonly number[];
  /** The sizes of DIMMs, in KiB. */
  readonly dimms?: readonly number[];
}

const xmlOf = ({ arch = 'x86_64', uuid = UUID, sizes = '', cells = [], dimms = [] }: Parts) =>
  `<domain type="kvm"><name>a</name><uuid>${uuid}</uuid>${sizes}` +
  `<os><type arch="${arch}">hvm</type></os>` +
  `<cpu><numa>${cells.map((size) => `<cell memory="${size}" unit="KiB"/>`).join('')}</numa></cpu>` +
  `<devices>${dimms
    .map(
      (size) => `<memory model="dimm"><target><size>${size}</size><node>0</node></target></memory>`,
    )
    .join('')}</devices></domain>`;

describe('a defined domain has the sizes that libvirt writes', () => {
  const normalized = (parts: Parts): string => {
    const root = readXml(xmlOf(parts));
    normalizeDomain(root);
    return writeXml(root).replace(/\n */g, '');
  };
  const sizesOf = (parts: Parts) => {
    const root = readXml(xmlOf(parts));
    normalizeDomain(root);
    const { memory, currentMemory } = domainOf(root);
    return { memory, currentMemory };
  };

  test('its memory and what the balloon leaves, in KiB', () => {
    const xml = normalized({
      sizes: '<memory unit="MiB">2</memory><currentMemory unit="MiB">1</currentMemory>',
    });
    expect(xml).toContain('<memory unit="KiB">2048</memory>');
    expect(xml).toContain('<currentMemory unit="KiB">1024</currentMemory>');
  });

  test.each([
    ['<memory>2048</memory>', 2048],
    ['<memory>2048</memory><currentMemory>0</currentMemory>', 2048],
    ['<memory>2048</memory><currentMemory>4096</currentMemory>', 2048],
    ['<memory>2048</memory><currentMemory>2047</currentMemory>', 2047],
    ['<memory>2048</memory><currentMemory>1</currentMemory>', 1],
  ])('with %s the balloon leaves %i KiB', (sizes, currentMemory) => {
    expect(sizesOf({ sizes })).toEqual({ memory: 2048, currentMemory });
  });

  test('the order is maxMemory, memory, currentMemory', () => {
    expect(normalized({ sizes: '<maxMemory slots="1">4096</maxMemory>', cells: [1024] })).toContain(
      '<maxMemory slots="1">4096</maxMemory><memory unit="KiB">1024</memory><currentMemory unit="KiB">1024</currentMemory>',
    );
  });

  test('NUMA cells and memory devices replace the memory', () => {
    const sizes = '<memory>9999</memory>';
    expect(sizesOf({ sizes, cells: [1024, 2048] }).memory).toBe(3072);
    expect(sizesOf({ sizes, cells: [1024], dimms: [512, 256] }).memory).toBe(1792);
    expect(sizesOf({ sizes: '', cells: [1024], dimms: [512] }).memory).toBe(1536);
    expect(sizesOf({ sizes, dimms: [512] }).memory).toBe(9999);
  });

  test('its UUID is in lower case with dashes', () => {
    const uuid = UUID.toUpperCase().replaceAll('-', '');
    expect(normalized({ uuid, sizes: '<memory>1024</memory>' })).toContain(`<uuid>${UUID}</uuid>`);
    const without = readXml('<domain type="kvm"><name>a</name><memory>1024</memory></domain>');
    normalizeDomain(without);
    expect(writeXml(without)).not.toContain('uuid');
  });

  test.each([
    ['without memory', {}, 'the domain has no memory'],
    ['of 0 memory', { sizes: '<memory>0</memory>' }, 'the domain has no memory'],
    [
      'whose devices take all memory',
      { sizes: '<memory>512</memory>', dimms: [512] },
      'the memory devices take all of <memory>',
    ],
    [
      'with less maximum than memory',
      { sizes: '<maxMemory slots="1">1023</maxMemory><memory>1024</memory>' },
      '<maxMemory> of 1023 KiB is below the memory of 1024 KiB; raise it',
    ],
  ])('one %s is refused', (_, parts, reason) => {
    const root = readXml(xmlOf(parts));
    expect(() => normalizeDomain(root)).toThrow(DomainXmlError);
    expect(() => normalizeDomain(root)).toThrow(reason);
  });

  test('one with a maximum of just its memory is not', () => {
    const sizes = '<maxMemory slots="1">1024</maxMemory><memory>1024</memory>';
    expect(sizesOf({ sizes }).memory).toBe(1024);
  });
});

describe('a started domain has sizes that are rounded up', () => {
  const started = (parts: Parts) => {
    const { memory, maxMemory, memoryDevices } = domainAtStart(xmlOf(parts));
    return { memory, maximum: maxMemory?.size, devices: memoryDevices.map(({ size }) => size) };
  };

  test('memory and maximum to a MiB', () => {
    const sizes = '<maxMemory slots="1">4097</maxMemory><memory>1025</memory>';
    expect(started({ sizes })).toEqual({ memory: 2048, maximum: 5120, devices: [] });
    expect(started({ sizes: '<memory>1024</memory>' })).toEqual({
      memory: 1024,
      maximum: undefined,
      devices: [],
    });
  });

  test('each cell by itself, and the memory to their sum with the devices', () => {
    const sizes = '<memory>9999</memory>';
    expect(started({ sizes, cells: [1025, 1024], dimms: [2049, 2048] })).toEqual({
      memory: 2048 + 1024 + 4096 + 2048,
      maximum: undefined,
      devices: [4096, 2048],
    });
  });

  test('without cells the boot memory, which is what the devices leave', () => {
    const parts = { sizes: '<memory>5001</memory>', dimms: [2048] };
    expect(started(parts)).toMatchObject({ memory: 3072 + 2048, devices: [2048] });
  });

  test.each(['ppc64', 'ppc64le'])('to 256 MiB on %s', (arch) => {
    const block = 256 * 1024;
    const sizes = `<maxMemory slots="1">${5 * block + 1}</maxMemory><memory>${block + 1}</memory>`;
    expect(started({ arch, sizes })).toMatchObject({ memory: 2 * block, maximum: 6 * block });
    expect(started({ arch, sizes, cells: [1], dimms: [1] })).toMatchObject({
      memory: 2 * block,
      devices: [block],
    });
  });
});
