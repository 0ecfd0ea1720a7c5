import type { Result } from '../../client/index.ts';
import type { KiB } from '../../common/units.ts';
import type { Look } from '../output/look.ts';
import { type Column, table } from '../output/table.ts';
import { pad, widthOf, wrap } from '../output/width.ts';
import { sizeOf } from './figures.ts';

type Headroom = Result<'Host.getMemoryHeadroom'>;
type VmHeadroom = Headroom['vms'][number];

/** Returns what of the host can still be promised, reserved and freed. */
export function headroomLines(answer: Headroom, look: Look): string[] {
  const rows: readonly (readonly [label: string, size: KiB | undefined, remark: string])[] = [
    [
      'can promise',
      answer.promisable_kib,
      `besides the ${sizeOf(answer.promised_kib)} that are promised`,
    ],
    ['can reserve', answer.reservable_kib, 'by vmemctl reserve, now'],
    ['free now', answer.free_now_kib, 'without touching a VM'],
    ['can be freed', answer.freeable_kib, 'by balloons'],
    ['reserved', answer.reserved_kib, `of which ${sizeOf(answer.held_kib)} are not used yet`],
  ];
  const labels = Math.max(...rows.map(([label]) => widthOf(label)));
  const sizes = Math.max(...rows.map(([, size]) => widthOf(sizeOf(size))));
  const over = answer.overpromised_kib;
  const warning =
    over === undefined ?
      []
    : wrap(`! ${sizeOf(over)} more are promised than the host has`, look.columns);
  return [
    ...rows.map(([label, size, remark]) =>
      `${look.style('dim', pad(label, labels))}  ${look.style('bold', pad(sizeOf(size), sizes, 'right'))}  ${fits(labels + sizes + 4 + remark.length, look) ? remark : ''}`.trimEnd(),
    ),
    ...warning,
    ...(answer.vms.length === 0 ? [] : ['', ...table(columns, answer.vms, look)]),
  ];
}

const fits = (width: number, { columns = Infinity }: Look): boolean => width <= columns;

const columns: readonly Column<VmHeadroom>[] = [
  { title: 'NAME', cell: ({ vmName, vmID }) => vmName || vmID, least: 8, middle: true },
  { title: 'CAN FREE', cell: ({ freeable_kib: size }) => sizeOf(size), align: 'right' },
  {
    title: 'TO GUARANTEE',
    cell: ({ freeable_to_guarantee_kib: size }) => sizeOf(size),
    align: 'right',
    rank: 2,
  },
  { title: 'PROMISED', cell: ({ promised_kib: size }) => sizeOf(size), align: 'right', rank: 3 },
  { title: 'REMARK', cell: ({ not_freeable_because: why = '' }) => why, rank: 1, least: 16 },
];
