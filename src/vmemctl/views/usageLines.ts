import { KiB } from '../../common/units.ts';
import type { Look } from '../output/look.ts';
import { pad, printable, widthOf, wrap } from '../output/width.ts';
import type { Usage } from './answers.ts';
import { percent, reportOf, sizeOf, UNKNOWN } from './figures.ts';

type Row = readonly [label: string, figure: string, remark: string];

/** Returns how a VM's memory is used, a figure a line, with libvirt's name where it has one. */
export function usageLines(usage: Usage, name: string, look: Look): string[] {
  const rows = figures(usage);
  const labels = Math.max(...rows.map(([label]) => widthOf(label)));
  const sizes = Math.max(...rows.map(([, figure]) => widthOf(figure)));
  const before = labels + sizes + 6;
  const room = look.columns === undefined ? undefined : look.columns - before;
  const age = usage.freshness.state === 'fresh' ? 'reported ' : 'reports: ';
  return [
    `${look.style('bold', name)}  ${age}${reportOf(usage.freshness)}`,
    '',
    ...rows.flatMap(([label, figure, remark]) => {
      const [first = '', ...more] = wrap(printable(remark), room);
      const head = `  ${look.style('dim', pad(label, labels))}  ${look.style('bold', pad(figure, sizes, 'right'))}`;
      return [`${head}  ${first}`.trimEnd(), ...more.map((line) => ' '.repeat(before) + line)];
    }),
  ];
}

function figures(usage: Usage): Row[] {
  const { used_kib: used, allocated_kib: allocated, used_absent_because: why = '' } = usage;
  const part = used !== undefined && allocated !== undefined ? percent(used, allocated) : '';
  const count = (value: number | undefined): string =>
    value === undefined ? UNKNOWN : String(value);
  return [
    ['memory', sizeOf(usage.memory_kib), 'boot memory and devices'],
    ['allocated', sizeOf(allocated), 'what the balloon leaves (libvirt: actual)'],
    ['held', sizeOf(usage.balloon_held_kib), 'by the balloon, for the host'],
    ['guaranteed', sizeOf(usage.guaranteed_kib), 'what ballooning always leaves'],
    ['used', sizeOf(used), used === undefined ? why : `${part} of what is allocated`],
    ['available', sizeOf(usage.available_kib), 'what the guest counts as its total (available)'],
    ['usable', sizeOf(usage.usable_kib), 'free, or easily freed (usable)'],
    ['unused', sizeOf(usage.unused_kib), 'free, used for nothing (unused)'],
    ['caches', sizeOf(usage.disk_caches_kib), 'of files (disk_caches)'],
    ['resident', sizeOf(usage.resident_kib), 'of the VM in the memory of the host (rss)'],
    ['swapped in', sizeOf(usage.swap_in_kib), 'by the guest since it booted'],
    ['swapped out', sizeOf(usage.swap_out_kib), 'by the guest since it booted'],
    ['major faults', count(usage.major_faults), 'of the guest since it booted'],
  ];
}

/** What was read, and when, in milliseconds since 1970. */
export interface Sample {
  readonly usage: Usage;
  readonly at: number;
}

interface WatchColumn {
  readonly title: string;
  readonly cell: (now: Sample, before: Sample | undefined) => string;
}

const WIDTH = 10;
const TIME = 8;

const COLUMNS: readonly WatchColumn[] = [
  { title: 'USED', cell: ({ usage }) => sizeOf(usage.used_kib) },
  { title: 'ALLOCATED', cell: ({ usage }) => sizeOf(usage.allocated_kib) },
  { title: 'USABLE', cell: ({ usage }) => sizeOf(usage.usable_kib) },
  { title: 'UNUSED', cell: ({ usage }) => sizeOf(usage.unused_kib) },
  { title: 'CACHES', cell: ({ usage }) => sizeOf(usage.disk_caches_kib) },
  { title: 'RESIDENT', cell: ({ usage }) => sizeOf(usage.resident_kib) },
  { title: 'SWAP IN/s', cell: rateOf((usage) => usage.swap_in_kib) },
  { title: 'OUT/s', cell: rateOf((usage) => usage.swap_out_kib) },
  { title: 'REPORT', cell: ({ usage }) => reportOf(usage.freshness) },
];

/** The columns that fit: the width of each is the same at all times, as lines come one by one. */
function fitting({ columns = Infinity }: Look): readonly WatchColumn[] {
  return COLUMNS.slice(0, Math.max(1, Math.floor((columns - TIME) / (WIDTH + 1))));
}

export const watchHead = (look: Look): string =>
  look.style(
    'bold',
    [pad('TIME', TIME), ...fitting(look).map(({ title }) => pad(title, WIDTH, 'right'))].join(' '),
  );

/** Returns the figures of now in a line; `before` is the sample of the line before. */
export const watchRow = (now: Sample, before: Sample | undefined, look: Look): string =>
  [
    new Date(now.at).toTimeString().slice(0, TIME),
    ...fitting(look).map(({ cell }) => pad(cell(now, before), WIDTH, 'right')),
  ].join(' ');

/** Returns a function that makes a rate of a figure that only grows. */
function rateOf(of: (usage: Usage) => KiB | undefined): WatchColumn['cell'] {
  return (now, before) => {
    const [last, first] = [of(now.usage), before && of(before.usage)];
    if (before === undefined || last === undefined || first === undefined) return UNKNOWN;
    const seconds = (now.at - before.at) / 1000;
    // a guest that has booted anew counts from 0
    return seconds <= 0 || last < first ?
        UNKNOWN
      : sizeOf(KiB(Math.round((last - first) / seconds)));
  };
}
