import { floorMiB, type KiB } from '../common/units.ts';
import type { HostOverview, Warning } from './shown.ts';

/** Percentage of time in which tasks wait for memory that people notice. */
const STALLED = 10;
/** Slower swapping is not worth a warning, in KiB per second. */
const SWAPPING = 1024;
/** Part of the host's memory that has to be available. */
const SHORT = 0.05;

/** Returns what an administrator should look at on the host itself, as sentences. */
export function hostWarnings(host: Omit<HostOverview, 'warnings'>): Warning[] {
  return [...linkWarnings(host), ...memoryWarnings(host)];
}

function* linkWarnings({
  link_problem: reason,
  link_problem_since: since,
}: Link): Iterable<Warning> {
  if (reason === undefined) return;
  const text = `the hypervisor is out of reach${since === undefined ? '' : ` since ${since}`}: ${reason}; vmemd tries again until it answers`;
  yield { kind: 'hypervisor-away', text };
}

type Link = Pick<HostOverview, 'link_problem' | 'link_problem_since'>;

function* memoryWarnings(host: Omit<HostOverview, 'warnings'>): Iterable<Warning> {
  const { total_kib: total, available_kib: available, promised_kib: promised } = host;
  const { stall_percent: stall } = host;
  if (total !== undefined && promised > total) {
    const text = `${mib(promised)} are guaranteed to VMs, and the host has ${mib(total)}: lower guarantees, or move VMs away`;
    yield { kind: 'promised-too-much', text };
  }
  if (total !== undefined && available !== undefined && available < SHORT * total) {
    const text = `${mib(available)} of the host's memory are available: lower balloon targets, or switch the policy on`;
    yield { kind: 'host-short', text };
  }
  const { swap_in_kib_s: swapIn = 0, swap_out_kib_s: swapOut = 0 } = host;
  if (swapIn + swapOut >= SWAPPING) {
    const text = `the host swaps, ${String(swapIn)} KiB in and ${String(swapOut)} KiB out per second: lower balloon targets, or move VMs away`;
    yield { kind: 'host-swapping', text };
  }
  if (stall !== undefined && stall >= STALLED) {
    const text = `programs on the host wait for memory in ${String(Math.round(stall))} % of the time`;
    yield { kind: 'host-stalled', text };
  }
}

const mib = (size: KiB): string => `${String(floorMiB(size))} MiB`;
