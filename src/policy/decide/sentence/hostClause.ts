import { formatSize } from '../../../common/formatSize.ts';
import { KiB } from '../../../common/units.ts';
import type { HostReason } from '../round/round.ts';

/** Returns how the host stands as a clause; undefined if nothing is known of it. */
export function hostClause(host: HostReason | undefined): string | undefined {
  if (!host) return undefined;
  const { available, goal, reserve } = host.inputs;
  if (available === undefined || goal === undefined || reserve === undefined) {
    return 'how much memory the host has is not known';
  }
  const isCritical = host.state === 'critical';
  const beside =
    isCritical ?
      difference(available, reserve, 'its reserve')
    : difference(available, goal, 'its goal');
  return host.state === 'stalled' ? `${beside}, but its tasks wait for memory` : beside;
}

function difference(available: number, mark: number, name: string): string {
  const size = formatSize(KiB(Math.abs(available - mark)));
  if (available === mark) return `the host has as much as ${name}`;
  return `the host has ${size} ${available < mark ? 'less' : 'more'} than ${name}`;
}

/** The same as a sentence. */
export function hostSentence(host: HostReason): string {
  const clause = hostClause(host) ?? '';
  const { growsInSeconds } = host.inputs;
  const calm =
    growsInSeconds === undefined || host.state !== 'enough' ?
      ''
    : `; guests grow beyond their needs in ${String(growsInSeconds)} s at the earliest`;
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}${calm}.`;
}
