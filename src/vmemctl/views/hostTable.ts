import type { KiB } from '../../common/units.ts';
import type { Look } from '../output/look.ts';
import type { Cell, Column } from '../output/table.ts';
import type { HostGlance, Overview } from './answers.ts';
import { counted, sizeOf } from './figures.ts';

/** A row of the table of hosts: a host that was reached, one that was not, or all together. */
export interface HostRow {
  readonly label: string;
  /** Absent for a host that was not reached. */
  readonly glance?: HostFigures;
}

const SIZES = [
  'total_kib',
  'used_by_guests_kib',
  'available_kib',
  'promised_kib',
  'could_promise_kib',
  'could_free_kib',
] as const;

type Size = (typeof SIZES)[number];

type HostFigures = Partial<Pick<HostGlance, Size>> & {
  readonly vms: number;
  readonly warnings: number;
  readonly policy: string;
};

/** Returns the figures of a host; warnings are those of the host and of its VMs. */
export function figuresOf({ host, vms }: Overview): HostFigures {
  const warnings = vms.reduce((sum, vm) => sum + vm.warnings.length, host.warnings.length);
  return { ...host, vms: host.vms, warnings, policy: host.policy?.mode ?? '' };
}

/** Returns the sums of hosts; a size that one of them does not know is absent. */
export function totalOf(hosts: readonly HostFigures[]): HostFigures {
  const sizes = SIZES.flatMap((name) => {
    const known = hosts.flatMap(({ [name]: size }) => (size === undefined ? [] : [size]));
    const sum = known.reduce<number>((all, size) => all + size, 0);
    return known.length === hosts.length ? [[name, sum as KiB] as const] : [];
  });
  const sum = (of: 'vms' | 'warnings') => hosts.reduce((all, host) => all + host[of], 0);
  return {
    vms: sum('vms'),
    warnings: sum('warnings'),
    policy: '',
    ...Object.fromEntries(sizes),
  };
}

/** Returns the columns of a table of hosts; where it is narrow, the policy and what guests use go first. */
export function hostColumns(look: Look): readonly Column<HostRow>[] {
  return [
    { title: 'HOST', cell: ({ label }) => label, least: 8, middle: true },
    {
      title: 'VMS',
      cell: ({ glance }) => (glance ? String(glance.vms) : ''),
      align: 'right',
    },
    size('HAS', 'total_kib'),
    size('GUESTS USE', 'used_by_guests_kib', 2),
    size('AVAILABLE', 'available_kib'),
    size('PROMISED', 'promised_kib'),
    size('CAN PROMISE', 'could_promise_kib', 3),
    size('CAN FREE', 'could_free_kib', 4),
    { title: 'POLICY', cell: ({ glance }) => glance?.policy ?? '', rank: 1 },
    { title: 'LOOK AT', cell: ({ glance }) => stateOf(glance, look) },
  ];
}

function stateOf(glance: HostFigures | undefined, look: Look): Cell {
  if (!glance) return { text: 'not reached', mark: (text) => look.style('red', text) };
  if (glance.warnings === 0) return '';
  const text = counted(glance.warnings, 'warning');
  return { text, mark: (padded) => look.style('yellow', padded) };
}

const size = (title: string, name: Size, rank?: number): Column<HostRow> => ({
  title,
  cell: ({ glance }) => (glance ? sizeOf(glance[name]) : ''),
  align: 'right',
  ...(rank !== undefined && { rank }),
});
