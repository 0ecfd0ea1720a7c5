import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KiB, KiB as kib } from '../../common/units.ts';
import { formatSize } from '../sizes/formatSize.ts';
import { type Check, info, ok, warn } from './check.ts';

/** Checks what the kernel of this machine offers, below `root`. */
export const checkKernel = (root: string): Check[] => [
  pressure(root),
  ...swap(root),
  hugepages(root),
  samePages(root),
];

function pressure(root: string): Check {
  const name = 'pressure (PSI)';
  return read(join(root, 'proc/pressure/memory')) === undefined ?
      warn(
        name,
        'the kernel does not report stalls: start it with psi=1, so that the policy sees them',
      )
    : ok(name, 'the kernel reports stalls for memory');
}

function swap(root: string): Check[] {
  const [total, free] = ['SwapTotal', 'SwapFree'].map((key) => meminfo(root, key));
  if (total === undefined || free === undefined) return [];
  if (total === 0)
    return [info('swap', 'the host has none: guests that outgrow it are killed, not slowed down')];
  const used = `${formatSize(kib(total - free))} of ${formatSize(total)} in use`;
  return [
    free < total / 2 ?
      warn('swap', `${used}: free memory by balloons, or move VMs away`)
    : ok('swap', used),
  ];
}

function hugepages(root: string): Check {
  const name = 'huge pages';
  const [total = 0, free = 0] = ['HugePages_Total', 'HugePages_Free'].map((key) =>
    meminfo(root, key),
  );
  if (total === 0)
    return info(name, 'none are set aside; VMs with huge pages cannot be ballooned anyway');
  const text = `${String(free)} of ${String(total)} are free`;
  return free === 0 ?
      info(name, `${text}: a further VM with huge pages does not start`)
    : ok(name, text);
}

function samePages(root: string): Check {
  const folder = join(root, 'sys/kernel/mm/ksm');
  const run = read(join(folder, 'run'))?.trim();
  const name = 'same pages (KSM)';
  if (run === undefined) return info(name, 'the kernel does not merge same pages');
  if (run !== '1') return info(name, 'merging is off; Host.setKsmTune turns it on');
  return ok(
    name,
    `merging is on, ${read(join(folder, 'pages_sharing'))?.trim() ?? '?'} pages are shared`,
  );
}

/** Returns a figure of /proc/meminfo, which is in KiB where it is a size. */
function meminfo(root: string, key: string): KiB | undefined {
  const found = new RegExp(`^${key}: +(\\d+)`, 'm').exec(read(join(root, 'proc/meminfo')) ?? '');
  return found ? kib(Number(found[1])) : undefined;
}

/** Returns whether MoM runs on this machine, by the names of its processes. */
export function momRuns(root: string): boolean {
  const proc = join(root, 'proc');
  try {
    return readdirSync(proc)
      .filter((name) => /^\d+$/.test(name))
      .some((pid) => /(^|\/)momd\0/.test(read(join(proc, pid, 'cmdline')) ?? ''));
  } catch {
    return false;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
