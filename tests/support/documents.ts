import type { SlotRule } from '../../src/domain-xml/slots.ts';

/** What a domain has: sizes in KiB, cell by cell and device by device. */
export interface Sizes {
  readonly memory: number;
  readonly current?: number;
  readonly maximum?: number;
  readonly cells?: readonly number[];
  readonly devices?: readonly number[];
  readonly aliases?: readonly string[];
}

/** One domain in a client's words, and what libvirt makes of it. */
export interface Document {
  readonly title: string;
  readonly memory: string;
  readonly cells?: string;
  readonly devices?: string;
  readonly uuid?: (canonical: string) => string;
  /** What is stored; absent if the domain is not defined. */
  readonly stored?: Sizes;
  /** What runs; as stored unless given. */
  readonly live?: Sizes;
  /** vmemd's own words where it refuses before libvirt does. */
  readonly refusal?: string;
  /** QEMU refuses what libvirt stores. */
  readonly refusedAtStart?: true;
  /** The document is only for libvirts of this rule. */
  readonly rule?: SlotRule;
}

const size = (text: string, unit?: string, name = 'memory', more = ''): string =>
  `<${name}${more}${unit === undefined ? '' : ` unit='${unit}'`}>${text}</${name}>`;
const maximum = (mib: number, slots = " slots='4'"): string =>
  size(String(mib), 'MiB', 'maxMemory', slots);
const current = (text: string, unit = 'KiB'): string => size(text, unit, 'currentMemory');
const cell = (id: number, text: string, unit = 'KiB', cpus = String(id)): string =>
  `<cell id='${String(id)}' cpus='${cpus}' memory='${text}' unit='${unit}'/>`;
const one = (text: string, unit = 'KiB'): string => cell(0, text, unit, '0-1');
const dimm = (kib: number, more = '', node = '<node>0</node>'): string =>
  `<memory model='dimm'><target><size unit='KiB'>${String(kib)}</size>${node}</target>${more}</memory>`;
const virtioMem = (kib: number, requested = 0, block = 2048): string =>
  `<memory model='virtio-mem'><target><size unit='KiB'>${String(kib)}</size><node>0</node>` +
  `<block unit='KiB'>${String(block)}</block><requested unit='KiB'>${String(requested)}</requested></target></memory>`;
const named = (alias: string): string => dimm(131_072, `<alias name='${alias}'/>`);

const sizes = (memory: number, more: Partial<Sizes> = {}): Sizes => ({ memory, ...more });
const MEMORY = size('512', 'MiB');
const CELL = one('524288');

const units: readonly (readonly [text: string, unit: string | undefined, kib: number])[] = [
  ['65537', undefined, 65_537],
  ['65537', '', 65_537],
  ['67108865', 'b', 65_537],
  ['67108865', 'byte', 65_537],
  ['67108865', 'Bytes', 65_537],
  ['65536', 'k', 65_536],
  ['65536', 'K', 65_536],
  ['67109', 'KB', 65_537],
  ['65536', 'kib', 65_536],
  ['64', 'M', 65_536],
  ['64', 'MB', 62_500],
  ['64', 'mIb', 65_536],
  ['1', 'G', 1_048_576],
  ['1', 'GB', 976_563],
  ['+65536', 'KiB', 65_536],
  ['\n 065536', 'KiB', 65_536],
];
const refusedTexts: readonly (readonly [text: string, unit: string, refusal: string])[] = [
  ['65536', 'XB', 'unit "XB" of <memory>'],
  ['64', ' MiB', 'unit " MiB" of <memory>'],
  ['65536 ', 'KiB', '<memory> is "65536 "'],
  ['-65536', 'KiB', '<memory> is "-65536"'],
  ['6e4', 'KiB', '<memory> is "6e4"'],
  ['65536.0', 'KiB', '<memory> is "65536.0"'],
  ['9007199254740993', 'KiB', '<memory> is too large'],
  ['16', 'EiB', '<memory> is too large'],
  ['0', 'KiB', 'the domain has no memory'],
  ['', 'KiB', 'the domain has no memory'],
];

const upToMiB = (kib: number): number => Math.ceil(kib / 1024) * 1024;

/** How libvirt's QEMU driver reads memory: seen on 9.0, and on 11.3 where the rule of slots differs. */
export const documents: readonly Document[] = [
  ...units.map(([text, unit, kib]) => ({
    title: `${JSON.stringify(text)} in ${JSON.stringify(unit ?? 'no unit')}`,
    memory: size(text, unit),
    stored: sizes(kib, { current: kib }),
    live: sizes(upToMiB(kib)),
  })),
  ...refusedTexts.map(([text, unit, refusal]) => ({
    title: `${JSON.stringify(text)} in ${JSON.stringify(unit)}`,
    memory: size(text, unit),
    refusal,
  })),
  {
    title: 'a UUID without hyphens, in upper case',
    memory: MEMORY,
    uuid: (canonical) => canonical.replaceAll('-', '').toUpperCase(),
    stored: sizes(524_288),
  },
  {
    title: 'a UUID with blanks',
    memory: MEMORY,
    uuid: (canonical) => ` ${canonical.replaceAll('-', ' ')}\n`,
    stored: sizes(524_288),
  },
  {
    title: 'a UUID in braces',
    memory: MEMORY,
    uuid: (canonical) => `{${canonical}}`,
    refusal: 'is not a UUID',
  },
  { title: 'no memory', memory: '', refusal: 'the domain has no memory' },
  { title: 'only current memory', memory: current('65536'), refusal: 'the domain has no memory' },
  {
    title: 'less current memory',
    memory: MEMORY + current('262145'),
    stored: sizes(524_288, { current: 262_145 }),
  },
  {
    title: 'more current memory',
    memory: MEMORY + current('600', 'MiB'),
    stored: sizes(524_288, { current: 524_288 }),
  },
  {
    title: 'current memory of 0',
    memory: MEMORY + current('0'),
    stored: sizes(524_288, { current: 524_288 }),
  },
  {
    title: 'empty current memory',
    memory: MEMORY + current(''),
    stored: sizes(524_288, { current: 524_288 }),
  },
  {
    title: 'current memory of x',
    memory: MEMORY + current('x'),
    refusal: '<currentMemory> is "x"',
  },
  { title: 'a cell alone', memory: '', cells: CELL, stored: sizes(524_288, { cells: [524_288] }) },
  {
    title: 'a cell beside less memory',
    memory: size('256', 'MiB'),
    cells: CELL,
    stored: sizes(524_288, { current: 524_288 }),
  },
  {
    title: 'a cell beside more memory, all of it current',
    memory: size('800', 'MiB') + current('800', 'MiB'),
    cells: CELL,
    stored: sizes(524_288, { current: 524_288 }),
  },
  {
    title: 'cells in units of their own',
    memory: size('1', 'MiB') + current('300', 'MiB'),
    cells: cell(0, '524288') + cell(1, '256', 'MiB'),
    stored: sizes(786_432, { current: 307_200, cells: [524_288, 262_144] }),
  },
  {
    title: 'cells that are no whole MiB',
    memory: MEMORY,
    cells: cell(0, '268435457', 'b') + cell(1, '262145'),
    stored: sizes(524_290, { cells: [262_145, 262_145] }),
    live: sizes(526_336, { cells: [263_168, 263_168] }),
  },
  {
    title: 'a cell of 0 beside memory, which QEMU refuses',
    memory: MEMORY,
    cells: one('0'),
    stored: sizes(524_288),
    refusedAtStart: true,
  },
  { title: 'a cell of x', memory: MEMORY, cells: one('x'), refusal: '<cell>\'s memory is "x"' },
  {
    title: 'a cell without memory',
    memory: MEMORY,
    cells: "<cell id='0' cpus='0-1'/>",
    refusal: '<cell> has no memory',
  },
  {
    title: 'maximum memory between cells and stated memory',
    memory: maximum(700) + size('800', 'MiB'),
    cells: CELL,
    stored: sizes(524_288, { maximum: 716_800 }),
  },
  {
    title: 'maximum memory below the cells',
    memory: maximum(400) + size('300', 'MiB'),
    cells: CELL,
    refusal: '<maxMemory> of 409600 KiB is below the memory of 524288 KiB',
  },
  {
    title: 'maximum memory that is no whole MiB',
    memory: size('1048577', 'KiB', 'maxMemory', " slots='2'"),
    cells: one('524289'),
    stored: sizes(524_289, { maximum: 1_048_577 }),
    live: sizes(525_312, { maximum: 1_049_600, cells: [525_312] }),
  },
  {
    title: 'maximum memory of no more than memory, which QEMU refuses',
    memory: maximum(512),
    cells: CELL,
    stored: sizes(524_288, { maximum: 524_288 }),
    refusedAtStart: true,
  },
  {
    title: 'maximum memory without slots',
    memory: size('4', 'GiB', 'maxMemory'),
    cells: CELL,
    rule: 'all-devices',
  },
  {
    title: 'maximum memory without slots',
    memory: size('4', 'GiB', 'maxMemory'),
    cells: CELL,
    rule: 'dimms',
    stored: sizes(524_288, { maximum: 4_194_304 }),
  },
  {
    title: 'a DIMM beside a cell',
    memory: maximum(4096) + MEMORY,
    cells: CELL,
    devices: dimm(131_072),
    stored: sizes(655_360, { current: 655_360, devices: [131_072], aliases: [] }),
    live: sizes(655_360, { aliases: ['dimm0'] }),
  },
  {
    title: 'a DIMM that is no whole 2 MiB',
    memory: maximum(4096),
    cells: one('300000'),
    devices: dimm(131_073),
    stored: sizes(431_073, { devices: [131_073] }),
    live: sizes(433_152, { devices: [133_120], cells: [300_032] }),
  },
  {
    title: "aliases that are not the user's to choose",
    memory: maximum(4096),
    cells: CELL,
    devices: named('dimm7') + named('ua-x') + named('dimm0') + named('ua-x y'),
    stored: sizes(1_048_576, { aliases: ['ua-x'] }),
    live: sizes(1_048_576, { aliases: ['dimm0', 'ua-x', 'dimm2', 'dimm3'] }),
  },
  {
    title: 'one alias twice',
    memory: maximum(4096),
    cells: CELL,
    devices: named('ua-x').repeat(2),
  },
  {
    title: 'a DIMM without node',
    memory: maximum(4096),
    cells: CELL,
    devices: dimm(131_072, '', ''),
  },
  { title: 'a DIMM without maximum memory', memory: '', cells: CELL, devices: dimm(131_072) },
  {
    title: 'a DIMM on another node',
    memory: maximum(4096),
    cells: CELL,
    devices: dimm(131_072, '', '<node>1</node>'),
  },
  {
    title: 'more DIMMs than slots',
    memory: maximum(4096, " slots='1'"),
    cells: CELL,
    devices: dimm(131_072).repeat(2),
  },
  {
    title: 'virtio-mem',
    memory: maximum(4096) + current('512', 'MiB'),
    cells: CELL,
    devices: virtioMem(1_048_576, 262_144),
    stored: sizes(1_572_864, { current: 524_288, devices: [1_048_576], aliases: [] }),
    live: sizes(1_572_864, { aliases: ['virtiomem0'] }),
  },
  {
    title: 'virtio-mem that is no whole block',
    memory: maximum(4096),
    cells: CELL,
    devices: virtioMem(1_048_577),
    stored: sizes(1_572_865, { devices: [1_048_577] }),
    live: sizes(1_574_912, { devices: [1_050_624] }),
  },
  {
    title: 'half a block of virtio-mem requested',
    memory: maximum(4096),
    cells: CELL,
    devices: virtioMem(1_048_576, 1024),
  },
  {
    title: 'more virtio-mem requested than there is',
    memory: maximum(4096),
    cells: CELL,
    devices: virtioMem(1_048_576, 2_097_152),
  },
  {
    title: 'virtio-mem in blocks of 1000 KiB',
    memory: maximum(4096),
    cells: CELL,
    devices: virtioMem(1_048_576, 0, 1000),
  },
  {
    title: 'a DIMM and virtio-mem in one slot',
    memory: maximum(4096, " slots='1'"),
    cells: CELL,
    devices: dimm(131_072) + virtioMem(1_048_576),
    rule: 'all-devices',
  },
  {
    title: 'a DIMM and virtio-mem in one slot',
    memory: maximum(4096, " slots='1'"),
    cells: CELL,
    devices: dimm(131_072) + virtioMem(1_048_576),
    rule: 'dimms',
    stored: sizes(1_703_936),
  },
];

/** Returns the document as a domain. */
export function domainOf(document: Document, uuid: string, name: string): string {
  const { memory, cells, devices = '' } = document;
  const written = document.uuid?.(uuid) ?? uuid;
  return `<domain type='qemu'><name>${name}</name><uuid>${written}</uuid>${memory}<vcpu>2</vcpu>
    <os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
    ${cells === undefined ? '' : `<cpu mode='maximum'><numa>${cells}</numa></cpu>`}
    <devices>${devices}</devices></domain>`;
}
