import type { Look } from '../output/look.ts';
import { memoryBar, type MemoryFigures, paintBar } from '../output/memoryBar.ts';
import { type Cell, type Column } from '../output/table.ts';
import { nameOf } from '../names/findVm.ts';
import type { VmGlance } from './answers.ts';
import { isStale, jobsOf, reportOf, sizeOf } from './figures.ts';

const LEAST_NAME = 8;
const LEAST_BAR = 10;
/** Cells of a bar where there is no terminal. */
const USUAL_BAR = 24;
const LONGEST_BAR = 40;
/** The width beyond which bars grow. */
const WIDE = 180;

/**
 * Returns the columns of a table of VMs. Where it is narrow they go in this order: UUID, what devices may add, the
 * target, the guarantee, reports, the bar, jobs, status.
 */
export function vmColumns(look: Look): readonly Column<VmGlance>[] {
  return [
    {
      title: 'NAME',
      cell: (vm) => marked(nameOf(vm), (text) => look.style('bold', text)),
      least: LEAST_NAME,
      middle: true,
    },
    {
      title: 'STATUS',
      cell: ({ status }) =>
        marked(status, (text) => (status === 'Up' ? text : look.style('yellow', text))),
      rank: 8,
    },
    size('USED', (vm) => vm.used_kib),
    size('CURRENT', (vm) => vm.current_kib),
    barColumn(look),
    size('MAXIMUM', (vm) => vm.maximum_kib),
    { ...size('TARGET', (vm) => vm.target_kib, 3), isSpare: true },
    size('GUARANTEED', (vm) => vm.guaranteed_kib, 4),
    { ...size('CEILING', (vm) => vm.ceiling_kib, 2), isSpare: true },
    {
      title: 'REPORT',
      cell: ({ freshness }) =>
        marked(reportOf(freshness), (text) =>
          isStale(freshness) ? look.style('yellow', text) : text,
        ),
      rank: 5,
    },
    { title: 'JOBS', cell: ({ jobs }) => jobsOf(jobs), rank: 7 },
    {
      title: 'UUID',
      cell: ({ id }) => marked(id, (text) => look.style('dim', text)),
      rank: 1,
      isSpare: true,
    },
  ];
}

const marked = (text: string, mark: (padded: string) => string): Cell => ({ text, mark });

const size = (
  title: string,
  of: (vm: VmGlance) => VmGlance['used_kib'],
  rank?: number,
): Column<VmGlance> => ({
  title,
  cell: (vm) => sizeOf(of(vm)),
  align: 'right',
  ...(rank !== undefined && { rank }),
});

const barColumn = (look: Look): Column<VmGlance> => ({
  title: 'MEMORY',
  cell: (vm, width) => barOf(vm, width, look),
  most: barWidth(look),
  least: LEAST_BAR,
  rank: 6,
});

/** A bar grows with a wide terminal. */
const barWidth = ({ columns }: Look): number =>
  columns === undefined ? USUAL_BAR : (
    Math.min(LONGEST_BAR, USUAL_BAR + Math.max(0, Math.floor((columns - WIDE) / 3)))
  );

/** Returns the figures of a VM that its bar shows. */
export const barFigures = (vm: VmGlance): MemoryFigures => ({
  ...(vm.maximum_kib !== undefined && { maximum: vm.maximum_kib }),
  ...(vm.current_kib !== undefined && { current: vm.current_kib }),
  ...(vm.target_kib !== undefined && { target: vm.target_kib }),
  ...(vm.guaranteed_kib !== undefined && { guaranteed: vm.guaranteed_kib }),
  ...(vm.used_kib !== undefined && { used: vm.used_kib }),
});

function barOf(vm: VmGlance, width: number, look: Look): Cell {
  const text = memoryBar(barFigures(vm), width, look);
  return { text, mark: (padded) => paintBar(padded, look, isStale(vm.freshness)) };
}
