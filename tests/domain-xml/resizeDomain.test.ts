import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { childrenNamed, elementsOf, find } from '../../src/domain-xml/element.ts';
import { domainOf, readDomain } from '../../src/domain-xml/parse.ts';
import { resizeDomain } from '../../src/domain-xml/resizeDomain.ts';
import { DomainXmlError } from '../../src/domain-xml/types.ts';
import { writeXml } from '../../src/domain-xml/writeXml.ts';
import { KiB } from '../../src/common/units.ts';
import { domainXml } from './fixture.ts';
import { assertProperty } from '../support/property.ts';

interface Shape {
  readonly cells: readonly number[];
  readonly devices?: readonly number[];
  /** virtio-mem devices in blocks of 2048 KiB. */
  readonly virtioMem?: readonly number[];
  readonly maximum?: number;
}

const document = ({ cells, devices = [], virtioMem = [], maximum }: Shape) => {
  const cell = (memory: number, id: number) => `<cell id="${id}" memory="${memory}"/>`;
  const device = (size: number) =>
    `<memory model="dimm"><target><size>${size}</size><node>0</node></target></memory>`;
  const virtioMemDevice = (size: number) =>
    `<memory model="virtio-mem"><target><size>${size}</size><node>0</node><block>2048</block><requested>0</requested></target></memory>`;
  return readDomain(
    domainXml(
      (maximum === undefined ? '' : `<maxMemory slots="16">${maximum}</maxMemory>`) +
        `<cpu><numa>${cells.map(cell).join('')}</numa></cpu>`,
      [...devices.map(device), ...virtioMem.map(virtioMemDevice)].join(''),
    ),
  );
};

const resized = (shape: Shape, memory: number) => {
  const domain = document(shape);
  resizeDomain(domain, KiB(memory));
  const cells = childrenNamed(find(domain, 'cpu', 'numa'), 'cell').map(({ attributes }) => {
    expect(attributes.get('unit') ?? 'KiB').toBe('KiB');
    return Number(attributes.get('memory'));
  });
  return { domain, cells };
};

const MIB = 1024;
const GIB = 1024 * MIB;

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);

const ONE: Shape = { cells: [GIB], virtioMem: [GIB] };
const WITH_DIMM: Shape = { cells: [GIB], devices: [128 * MIB], virtioMem: [GIB] };
const TWO: Shape = { cells: [GIB], virtioMem: [64 * MIB, 64 * MIB] };

describe("changing a domain's memory", () => {
  test.each([
    ['grows in proportion', [4 * GIB, 2 * GIB], 9 * GIB, [6 * GIB, 3 * GIB]],
    ['shrinks in proportion', [4 * GIB, 4 * GIB], 4 * GIB, [2 * GIB, 2 * GIB]],
    ['leaves each of several cells 64 MiB', [GIB, GIB], 128 * MIB, [64 * MIB, 64 * MIB]],
    ['takes nothing from cells of less', [GIB, MIB], 100 * MIB, [99 * MIB, MIB]],
    ['keeps whole MiB', [GIB, GIB, GIB], 3 * GIB + 4 * MIB, [GIB + MIB, GIB + 2 * MIB, GIB + MIB]],
    ['shrinks its only cell to 1 MiB', [GIB], MIB, [MIB]],
    ['stays as it is', [GIB, MIB], GIB + MIB, [GIB, MIB]],
  ])('it %s', (_, cells, memory, expected) => {
    expect(resized({ cells }, memory).cells).toEqual(expected);
  });

  test('a cell without memory stays without memory', () => {
    expect(resized({ cells: [GIB, 0] }, GIB / 2).cells).toEqual([GIB / 2, 0]);
    expect(resized({ cells: [GIB, 0] }, 2 * GIB).cells).toEqual([2 * GIB, 0]);
  });

  test('its memory is exactly the sum of cells and devices, and each cell keeps its least memory', () => {
    const size = fc.integer({ min: 1, max: 2 ** 24 });
    const shape = fc.record({
      cells: fc.array(size, { minLength: 1, maxLength: 6 }),
      devices: fc.array(size, { maxLength: 4 }),
    });
    assertProperty(
      fc.property(shape, fc.nat({ max: 2 ** 25 }), ({ cells, devices }, more) => {
        const leastCell = cells.length > 1 ? 64 * MIB : MIB;
        const least = sum(devices) + sum(cells.map((cell) => Math.min(cell, leastCell)));
        const maximum = Math.max(least + more, sum(cells) + sum(devices));
        const { domain, cells: after } = resized({ cells, devices, maximum }, least + more);
        const { memory, currentMemory, memoryDevices } = domainOf(domain);
        expect([memory, currentMemory]).toEqual([least + more, least + more]);
        expect(sum(after) + sum(devices)).toBe(memory);
        expect(memoryDevices.map((device) => device.size)).toEqual(devices);
        expect(after.every((cell, i) => cell >= Math.min(cells[i] ?? 0, leastCell))).toBe(true);
      }),
    );
  });

  test.each<[string, Shape, number, readonly [number, number, number, readonly number[]]]>([
    ['is requested above all other memory', ONE, 1536 * MIB, [2048, 1536, 1024, [512]]],
    ['is rounded up to whole blocks', ONE, 1025 * MIB, [2048, 1026, 1024, [2]]],
    ['leaves the excess to boot memory', ONE, 2560 * MIB, [2560, 2560, 1536, [1024]]],
    ['is not requested if boot memory shrinks', ONE, 800 * MIB, [1824, 800, 800, [0]]],
    ['is requested beside DIMMs', WITH_DIMM, 1536 * MIB, [2176, 1536, 1024, [384]]],
    ['is requested device by device', TWO, 1100 * MIB, [1152, 1100, 1024, [64, 12]]],
  ])('virtio-mem %s', (_, shape, wish, [memory, current, boot, requested]) => {
    const { domain, cells } = resized(shape, wish);
    const { memoryDevices, ...sizes } = domainOf(domain);
    expect([sizes.memory, sizes.currentMemory, ...cells]).toEqual(
      [memory, current, boot].map((size) => size * MIB),
    );
    expect(
      memoryDevices.flatMap(({ virtioMem }) => (virtioMem ? [virtioMem.requested / MIB] : [])),
    ).toEqual(requested);
  });

  test('a domain without cells has its memory replaced, with any unit', () => {
    const domain = readDomain(domainXml('<currentMemory unit="MiB">1</currentMemory>'));
    resizeDomain(domain, KiB(5000));
    expect(domainOf(domain)).toMatchObject({ memory: 5000, currentMemory: 1024 });
  });

  test('cells are read in their own units', () => {
    const xml = '<cpu><numa><cell id="0" memory="2" unit="MiB"/></numa></cpu>';
    const domain = readDomain(domainXml(xml));
    resizeDomain(domain, KiB(2048));
    expect(writeXml(domain)).toContain('<cell id="0" memory="2" unit="MiB"/>');
    resizeDomain(domain, KiB(3000));
    expect(writeXml(domain)).toContain('<cell id="0" memory="3000" unit="KiB"/>');
  });

  test.each<[string, Shape, number, string]>([
    ['more than <maxMemory>', { cells: [2048], maximum: 4096 }, 4097, 'above <maxMemory> of 4096'],
    [
      'virtio-mem beside boot memory above <maxMemory>',
      { ...ONE, maximum: 2 * GIB },
      2049 * MIB,
      'above <maxMemory> of',
    ],
    [
      'less than 64 MiB for one of several cells',
      { cells: [GIB, GIB] },
      127 * MIB,
      'less than the 131072 KiB',
    ],
    ['less than 1 MiB', { cells: [] }, 1023, 'less than the 1024 KiB'],
    ['what its devices take', { cells: [2048], devices: [4096] }, 4096, 'less than the 5120 KiB'],
  ])('%s is refused', (_, shape, memory, reason) => {
    const domain = document(shape);
    const before = writeXml(domain);
    expect(() => resizeDomain(domain, KiB(memory))).toThrow(DomainXmlError);
    expect(() => resizeDomain(domain, KiB(memory))).toThrow(reason);
    expect(writeXml(domain)).toBe(before);
  });
});

/** A domain of one or two cells with a DIMM of 128 MiB and virtio-mem of which 256 MiB are requested: 1408 MiB. */
const ballooned = (current: string, cells: readonly number[] = [GIB]) =>
  readDomain(
    domainXml(
      `<maxMemory slots="16">${String(4 * GIB)}</maxMemory>${current}` +
        `<cpu><numa>${cells.map((size, id) => `<cell id="${String(id)}" memory="${String(size)}"/>`).join('')}</numa></cpu>`,
      `<memory model="dimm"><target><size>${String(128 * MIB)}</size><node>0</node></target></memory>` +
        `<memory model="virtio-mem"><target><size>${String(512 * MIB)}</size><node>0</node><block>2048</block><requested>${String(256 * MIB)}</requested></target></memory>`,
    ),
  );

describe('what a domain starts with of its memory', () => {
  const TOTAL = 1408 * MIB;
  const currentAfter = (current: number | undefined, wanted: number, cells?: readonly number[]) => {
    const text = current === undefined ? '' : `<currentMemory>${String(current)}</currentMemory>`;
    const domain = ballooned(text, cells);
    resizeDomain(domain, KiB(wanted));
    return domainOf(domain).currentMemory;
  };

  test.each<[string, number | undefined, number, number]>([
    ['what the balloon leaves', 600 * MIB, 1500 * MIB, 600 * MIB],
    [
      'all that there is then, where that is what the balloon leaves',
      600 * MIB,
      600 * MIB,
      600 * MIB,
    ],
    ['all of less memory than the balloon left', 800 * MIB, 700 * MIB, 700 * MIB],
    ['all, where the balloon was empty', TOTAL, 1500 * MIB, 1500 * MIB],
    ['all, where nothing is said of the balloon', undefined, 1500 * MIB, 1500 * MIB],
    ['all, where the balloon had no more than libvirt rounds', TOTAL - MIB, 1500 * MIB, 1500 * MIB],
    [
      'what the balloon leaves, if that is more than rounding',
      TOTAL - MIB - 1,
      1500 * MIB,
      TOTAL - MIB - 1,
    ],
  ])('is %s', (_, current, wanted, expected) => {
    expect(currentAfter(current, wanted)).toBe(expected);
  });

  test('may be less by 1 MiB for each cell, which libvirt rounds', () => {
    const cells = [GIB / 2, GIB / 2];
    expect(currentAfter(TOTAL - 2 * MIB, 1500 * MIB, cells)).toBe(1500 * MIB);
    expect(currentAfter(TOTAL - 2 * MIB - 1, 1500 * MIB, cells)).toBe(TOTAL - 2 * MIB - 1);
  });
});

test('a domain without cells keeps its devices apart from its boot memory', () => {
  const dimm = `<memory model="dimm"><target><size>${String(128 * MIB)}</size><node>0</node></target></memory>`;
  const domain = readDomain(domainXml('', dimm));
  resizeDomain(domain, KiB(GIB));
  expect(domainOf(domain)).toMatchObject({ memory: GIB, currentMemory: GIB });
  resizeDomain(domain, KiB(GIB + 256 * MIB));
  expect(domainOf(domain)).toMatchObject({ memory: GIB + 256 * MIB });
});

test('elements that a domain lacks are put where libvirt writes them', () => {
  const domain = readDomain(
    `<domain type="qemu"><name>small</name><uuid>6e2a1b0c-0000-4000-8000-000000000001</uuid>` +
      `<maxMemory slots="16">${String(4 * GIB)}</maxMemory><memory>${String(GIB)}</memory><vcpu>1</vcpu><devices/></domain>`,
  );
  resizeDomain(domain, KiB(2 * GIB));
  expect(elementsOf(domain).map(({ name }) => name)).toEqual([
    'name',
    'uuid',
    'maxMemory',
    'memory',
    'currentMemory',
    'vcpu',
    'devices',
  ]);
});
