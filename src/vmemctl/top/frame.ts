import type { Look } from '../output/look.ts';
import { barLegend } from '../output/memoryBar.ts';
import { type Column, table } from '../output/table.ts';
import { cut, pad, printable, widthOf } from '../output/width.ts';
import type { Overview } from '../views/answers.ts';
import { counted, sizeOf } from '../views/figures.ts';
import { vmColumns } from '../views/vmTable.ts';
import { type HostState, type Row, rowsOf, type TopState } from './state.ts';

/** A terminal of which every line is filled. */
export interface Screen {
  readonly look: Look & { readonly columns: number };
  readonly rows: number;
}

/** Lines below the VMs: the legend of the bars, and the keys. */
const FOOT = 2;
/** The blank line above the table, and its head. */
const HEAD = 2;

/** Returns how many VMs fit below the lines of the hosts. */
export const roomFor = (hosts: readonly HostState[], { rows }: Screen): number =>
  Math.max(1, rows - hosts.length - HEAD - FOOT);

/** Returns the whole screen: the hosts, their VMs, a legend and the keys. */
export function frame(hosts: readonly HostState[], state: TopState, screen: Screen): string[] {
  const { look, rows } = screen;
  const all = rowsOf(hosts, state);
  const room = roomFor(hosts, screen);
  const offset = Math.min(state.offset, Math.max(0, all.length - room));
  const shown = all.slice(offset, offset + room);
  const lines = [
    ...hosts.map((host) => hostLine(host, look)),
    '',
    ...table(columnsOf(hosts, look), shown, look),
  ].slice(0, Math.max(0, rows - FOOT));
  const blank = Array.from({ length: Math.max(0, rows - FOOT - lines.length) }, () => '');
  const range =
    all.length > shown.length ?
      `${String(offset + 1)}-${String(offset + shown.length)} of ${String(all.length)}`
    : '';
  const [legend = ''] = barLegend(look);
  return [...lines, ...blank, legend, keyLine(state, range, look)];
}

function columnsOf(hosts: readonly HostState[], look: Look): readonly Column<Row>[] {
  const columns = vmColumns(look);
  if (hosts.length === 1) return columns;
  return [{ title: 'HOST', cell: ({ host }) => host, least: 6, middle: true, rank: 9 }, ...columns];
}

/** Returns a host in a line: what it has, what is left, and what to look at. */
function hostLine({ name, overview, problem }: HostState, look: Screen['look']): string {
  if (problem !== undefined || !overview) {
    const text = `${printable(name)}: ${printable(problem ?? 'connecting')}`;
    return look.style(problem === undefined ? 'dim' : 'red', cutTo(text, look));
  }
  const parts = hostParts(overview);
  const title = printable(overview.host.name ?? name);
  const rest = cutTo(`  ${parts.join('  ')}`, { ...look, columns: look.columns - widthOf(title) });
  return look.style('bold', title) + rest;
}

function hostParts({ host }: Overview): string[] {
  const { total_kib: total, available_kib: available, stall_percent: stall } = host;
  const { balloons_held_kib: held, could_free_kib: freeable, policy } = host;
  return [
    counted(host.vms, 'VM'),
    `${sizeOf(available)} of ${sizeOf(total)} available`,
    `promised ${sizeOf(host.promised_kib)}`,
    ...(held !== undefined && held > 0 ? [`held ${sizeOf(held)}`] : []),
    ...(freeable === undefined ? [] : [`could free ${sizeOf(freeable)}`]),
    ...(stall !== undefined && stall >= 1 ? [`waits ${String(Math.round(stall))} %`] : []),
    ...(policy ? [`policy ${policy.mode}`] : []),
    ...host.warnings.map(({ text }) => `! ${text}`),
  ];
}

const cutTo = (text: string, { columns, unicode }: Screen['look']): string =>
  cut(text, columns, { mark: unicode ? '…' : '~' });

function keyLine(state: TopState, range: string, look: Screen['look']): string {
  const { columns, style } = look;
  if (state.isTyping) return cutTo(`filter: ${state.filter}_  (Enter keeps it, Esc ends it)`, look);
  const keys = [
    'q quit',
    `s sort: ${state.sort}`,
    state.isReversed ? 'r largest first' : 'r reverse',
    state.filter === '' ? '/ filter' : `/ filter: ${state.filter}`,
    state.isPaused ? 'p go on' : 'p pause',
    ...(range === '' ? [] : [`↑↓ ${range}`].map((text) => (look.unicode ? text : text.slice(3)))),
  ];
  return style('inverse', pad(cutTo(printable(keys.join('   ')), look), columns));
}
