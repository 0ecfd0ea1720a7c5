import { KiB } from '../common/units.ts';
import { formatSize } from '../common/formatSize.ts';
import type { RecordedDecision } from '../policy/decide/lines/decided.ts';
import type { Difference, SideSummary, Summary } from '../policy/replay/comparison.ts';

/** Seconds of the rounds' clock beyond this are a date. */
const DATES = 1e9;

/** Returns a difference as a line for people. */
export function differenceText(
  { time, label, guest: { current }, decisions }: Difference,
  titles: readonly [string, string],
): string {
  const now = current === undefined ? '' : ` of ${mib(current)}`;
  const each = decisions.map((decision, index) => `${titles[index] ?? ''} ${choice(decision)}`);
  return `${timeText(time)} ${label}${now}: ${each.join(', ')}`;
}

const timeText = (time: number): string =>
  time > DATES ? new Date(time * 1000).toISOString() : `${String(time)} s`;

function choice(decision: RecordedDecision | undefined): string {
  if (!decision) return 'is not known';
  const { target, reason } = decision;
  const why = [reason.rule, reason.bound].filter((part) => part !== undefined).join(', ');
  return `${target === undefined ? 'leaves it' : mib(target)} (${why})`;
}

/** To the KiB where less would hide a difference. */
const mib = (size: number): string =>
  size % 1024 === 0 ? `${String(size / 1024)} MiB` : `${(size / 1024).toFixed(2)} MiB`;

const HEADS = ['VM', 'targets', 'taken', 'given', 'turns per hour', 'last target'];

/** Returns the summary as text for people: a table for each policy. */
export function summaryText(summary: Summary): string {
  const { rounds, from, to, decisions, differences, vmHours, sides } = summary;
  const when =
    from === undefined || to === undefined ? '' : ` from ${timeText(from)} to ${timeText(to)}`;
  const head = `${String(rounds)} rounds${when}, ${vmHours.toFixed(2)} VM-hours: ${String(decisions)} decisions, ${String(differences)} differences`;
  return [head, ...sides.map((side) => sideText(side, vmHours))].join('\n\n');
}

function sideText({ title, vms }: SideSummary, vmHours: number): string {
  const rows = vms.map(({ label, targets, taken, given, turns, hours, position }) => [
    label,
    String(targets),
    formatSize(KiB(taken)),
    formatSize(KiB(given)),
    rate(turns, hours),
    targets === 0 || position === undefined ? '' : formatSize(KiB(position)),
  ]);
  const sum = (of: (vm: SideSummary['vms'][number]) => number): number =>
    vms.reduce((total, vm) => total + of(vm), 0);
  const total = [
    'all',
    String(sum(({ targets }) => targets)),
    formatSize(KiB(sum(({ taken }) => taken))),
    formatSize(KiB(sum(({ given }) => given))),
    rate(
      sum(({ turns }) => turns),
      vmHours,
    ),
    '',
  ];
  return `${title}\n${table([HEADS, ...rows, total])}`;
}

const rate = (turns: number, hours: number): string =>
  hours > 0 ? (turns / hours).toFixed(1) : '';

/** Columns as wide as their longest text; names to the left, numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = HEADS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cell = (text: string, column: number): string =>
    column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0);
  return rows.map((row) => `  ${row.map(cell).join('  ')}`.trimEnd()).join('\n');
}
