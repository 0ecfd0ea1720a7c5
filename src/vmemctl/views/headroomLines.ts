import type { Result } from '../../client/index.ts';
import type { KiB } from '../../common/units.ts';
import type { Look } from '../output/look.ts';
import { type Column, table } from '../output/table.ts';
import { wrap } from '../output/width.ts';
import { type Fact, factLines } from './factLines.ts';
import { sizeOf } from './figures.ts';

type Headroom = Result<'Host.getMemoryHeadroom'>;
type VmHeadroom = Headroom['vms'][number];

/** Returns what of the host can still be promised, reserved and freed. */
export function headroomLines(answer: Headroom, look: Look): string[] {
  const fact = (label: string, size: KiB, hint: string): Fact => ({
    label,
    figure: sizeOf(size),
    hint,
  });
  const promised = `besides the ${sizeOf(answer.promised_kib)} that are promised`;
  const over = answer.overpromised_kib;
  const warning = `! ${sizeOf(over)} more are promised than the host has`;
  return [
    ...factLines(
      [
        fact('can promise', answer.promisable_kib, promised),
        fact('can reserve', answer.reservable_kib, 'by vmemctl reserve, now'),
        fact('free now', answer.free_now_kib, 'without touching a VM'),
        fact('can be freed', answer.freeable_kib, 'by balloons'),
        fact(
          'reserved',
          answer.reserved_kib,
          `of which ${sizeOf(answer.held_kib)} are not used yet`,
        ),
      ],
      look,
    ),
    ...(over === undefined ? [] : wrap(warning, look.columns)),
    ...(answer.vms.length === 0 ? [] : ['', ...table(columns, answer.vms, look)]),
  ];
}

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
