import type { KiB } from '../../common/units.ts';
import { nameOf } from '../names/findVm.ts';
import { formatDuration, secondsSince } from '../output/duration.ts';
import type { Look } from '../output/look.ts';
import { memoryBar, paintBar } from '../output/memoryBar.ts';
import { printable } from '../output/width.ts';
import type { Balloon, Devices, VmGlance } from './answers.ts';
import { type Fact, factLines } from './factLines.ts';
import { counted, isStale, percent, reportOf, sizeOf } from './figures.ts';
import { barFigures } from './vmTable.ts';

const BAR = 48;
const INDENT = 2;

/** What is shown of one VM. */
export interface VmDetails {
  readonly vm: VmGlance;
  readonly balloon: Balloon;
  readonly devices: Devices;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Returns a VM's sizes, one a line, with what each means. */
export function vmLines(details: VmDetails, look: Look): string[] {
  const { vm } = details;
  const width = Math.min(BAR, (look.columns ?? Infinity) - 2 * INDENT);
  const bar = paintBar(memoryBar(barFigures(vm), width, look), look, isStale(vm.freshness));
  return [
    look.style('bold', printable(nameOf(vm))) + `  ${vm.status}`,
    look.style('dim', vm.id),
    ...(bar.trim() === '' ? [] : ['', ' '.repeat(INDENT) + bar]),
    '',
    ...factLines(factsOf(details), look),
  ];
}

function factsOf(details: VmDetails): Fact[] {
  const { vm, devices } = details;
  const { ceiling_kib: ceiling, virtio_mem_kib: virtioMem, resident_kib: resident } = vm;
  const { balloon_held_kib: held, need_kib: need } = vm;
  const optional = (label: string, size: KiB | undefined, hint: string): Fact[] =>
    size === undefined ? [] : [{ label, figure: sizeOf(size), hint }];
  return [
    { label: 'used', figure: sizeOf(vm.used_kib), remark: usedRemark(vm) },
    {
      label: 'current',
      figure: sizeOf(vm.current_kib),
      remark: currentRemark(vm),
      hint: 'what the balloon leaves to the guest',
    },
    { label: 'target', figure: sizeOf(vm.target_kib), remark: targetRemark(details) },
    { label: 'guaranteed', figure: sizeOf(vm.guaranteed_kib), hint: guaranteedHint(vm) },
    ...optional('needed', need, 'as the policy sees it'),
    { label: 'maximum', figure: sizeOf(vm.maximum_kib), hint: memoryHint(devices) },
    ...optional('virtio-mem', virtioMem, 'beside the balloon'),
    ...optional('ceiling', ceiling, 'what devices may bring it to'),
    ...optional('held', held === 0 ? undefined : held, 'by the balloon, for the host'),
    ...optional('resident', resident, 'of the VM in the memory of the host'),
  ];
}

function usedRemark({
  used_kib: used,
  current_kib: current,
  freshness,
  used_absent_because: why,
}: VmGlance) {
  if (used === undefined) return why ?? 'unknown';
  const part = current === undefined ? '' : `${percent(used, current)} of what the guest has; `;
  return `${part}reported ${reportOf(freshness)}`;
}

function currentRemark({
  moving,
  ballooning_disabled_because: why,
  current_kib: current,
}: VmGlance) {
  if (why !== undefined) return `not ballooned: ${why}`;
  if (current === undefined) return '';
  switch (moving) {
    case 'on-its-way':
      return 'the balloon is on its way to the target';
    case 'stuck':
      return 'the balloon has stopped on its way to the target';
    case 'moved-outside':
      return 'moved by the guest or another program';
    default:
      return '';
  }
}

const SETTERS = { client: 'a client', policy: 'the policy', outside: 'another program', start: '' };

function targetRemark({ balloon, now }: VmDetails): string {
  const { target_by: by, target_since: since, bound, wished } = balloon;
  const who = by === 'start' ? 'as the VM started' : `set by ${SETTERS[by]}`;
  const when =
    since === undefined || by === 'start' ? '' : ` ${formatDuration(secondsSince(since, now))} ago`;
  const limit =
    bound === undefined || wished === undefined ?
      ''
    : `, who wished ${sizeOf(Number(wished) as KiB)}: limited by ${LIMITS[bound]}`;
  return who + when + limit;
}

const LIMITS = { guarantee: 'its guarantee', floor: 'the least for a guest', memory: 'its memory' };

const guaranteedHint = ({ guaranteed_kib: guaranteed, floor_kib: floor }: VmGlance): string =>
  guaranteed !== undefined ? 'the balloon leaves at least this'
  : floor === undefined ? 'none'
  : `none; the balloon leaves at least ${sizeOf(floor)}`;

const memoryHint = (devices: Devices): string =>
  devices.length === 0 ?
    'boot memory, no devices'
  : `boot memory and ${counted(devices.length, 'device')}`;
