import { type KiB, toKiB } from '../../common/units.ts';
import type { Look } from '../output/look.ts';
import { type Column, table } from '../output/table.ts';
import { printable, wrap } from '../output/width.ts';
import { formatSize } from '../sizes/formatSize.ts';
import type { Devices } from './answers.ts';
import { UNKNOWN } from './figures.ts';

type Device = Devices[number];
const TROUBLED: ReadonlySet<Device['state']> = new Set(['not-online', 'refused']);

/** Returns a VM's memory devices, after its boot memory, which cannot be unplugged. */
export function devicesTable(devices: Devices, memory: KiB | undefined, look: Look): string[] {
  const plugged = devices.reduce((sum, device) => sum + usableOf(device), 0);
  const boot = memory === undefined ? undefined : ((memory - plugged) as KiB);
  const lines = boot === undefined ? [] : [`boot memory ${formatSize(boot)}, which stays`];
  if (devices.length === 0) return [...lines, 'no memory devices'];
  const remarks = devices.flatMap(({ alias, state, message }) =>
    message === undefined || !TROUBLED.has(state) ?
      []
    : wrap(printable(`${alias}: ${message}`), look.columns),
  );
  return [
    ...lines,
    '',
    ...table(columns(devices, look), devices, look),
    ...(remarks.length === 0 ? [] : ['', ...remarks]),
  ];
}

/** What a device adds to the VM's memory, in KiB: of virtio-mem what the guest has. */
const usableOf = ({ model, size_mib: size, current_mib: current }: Device): KiB =>
  toKiB(model === 'virtio-mem' ? (current ?? size) : size);

function columns(devices: Devices, look: Look): readonly Column<Device>[] {
  const isVirtioMem = devices.some(({ model }) => model === 'virtio-mem');
  const size = (title: string, of: (device: Device) => Device['current_mib']): Column<Device> => ({
    title,
    cell: (device) => {
      const value = of(device);
      return value === undefined ? UNKNOWN : formatSize(toKiB(value));
    },
    align: 'right',
  });
  return [
    {
      title: 'SLOT',
      cell: ({ slot }) => (slot === undefined ? UNKNOWN : String(slot)),
      align: 'right',
      rank: 3,
    },
    { title: 'MODEL', cell: ({ model }) => model, rank: 4 },
    size('SIZE', ({ size_mib }) => size_mib),
    ...(isVirtioMem ?
      [
        size('REQUESTED', (device) => device.requested_mib),
        size('CURRENT', (device) => device.current_mib),
      ]
    : []),
    { title: 'NODE', cell: ({ node }) => String(node), align: 'right', rank: 2 },
    {
      title: 'STATE',
      cell: ({ state }) => ({
        text: state,
        mark: (text) => (TROUBLED.has(state) ? look.style('yellow', text) : text),
      }),
    },
    { title: 'ALIAS', cell: ({ alias }) => alias, rank: 5, least: 12, middle: true },
    { title: 'JOB', cell: ({ job_id: job = '' }) => job, rank: 1 },
  ];
}
