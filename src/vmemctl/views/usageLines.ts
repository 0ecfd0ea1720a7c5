import { KiB } from '../../common/units.ts';
import type { Look } from '../output/look.ts';
import { pad } from '../output/width.ts';
import type { Usage } from './answers.ts';
import { type Fact, factLines } from './factLines.ts';
import { percent, reportOf, sizeOf, UNKNOWN } from './figures.ts';

/** Returns how a VM's memory is used, a figure a line, with libvirt's name where it has one. */
export function usageLines(usage: Usage, name: string, look: Look): string[] {
  const age = usage.freshness.state === 'fresh' ? 'reported ' : 'reports: ';
  return [
    `${look.style('bold', name)}  ${age}${reportOf(usage.freshness)}`,
    '',
    ...factLines(factsOf(usage), look),
  ];
}

function factsOf(usage: Usage): Fact[] {
  const { used_kib: used, allocated_kib: allocated, used_absent_because: why = '' } = usage;
  const part =
    used === undefined || allocated === undefined ?
      why
    : `${percent(used, allocated)} of what is allocated`;
  const size = (label: string, value: KiB | undefined, hint: string): Fact => ({
    label,
    figure: sizeOf(value),
    hint,
  });
  const faults = usage.major_faults === undefined ? UNKNOWN : String(usage.major_faults);
  return [
    size('memory', usage.memory_kib, 'boot memory and devices'),
    size('allocated', allocated, 'what the balloon leaves (libvirt: actual)'),
    size('held', usage.balloon_held_kib, 'by the balloon, for the host'),
    size('guaranteed', usage.guaranteed_kib, 'what ballooning always leaves'),
    { label: 'used', figure: sizeOf(used), remark: part },
    size('available', usage.available_kib, 'what the guest counts as its total (available)'),
    size('usable', usage.usable_kib, 'free, or easily freed (usable)'),
    size('unused', usage.unused_kib, 'free, used for nothing (unused)'),
    size('caches', usage.disk_caches_kib, 'of files (disk_caches)'),
    size('resident', usage.resident_kib, 'of the VM in the memory of the host (rss)'),
    size('swapped in', usage.swap_in_kib, 'by the guest since it booted'),
    size('swapped out', usage.swap_out_kib, 'by the guest since it booted'),
    { label: 'major faults', figure: faults, hint: 'of the guest since it booted' },
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
