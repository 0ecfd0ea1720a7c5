import type { KiB, Seconds } from '../../common/units.ts';
import {
  memoryTag,
  type DomainInfo,
  type MemoryStats,
  type ParameterValue,
} from '../../libvirt/index.ts';
import type { BalloonSample } from '../hypervisor.ts';
import { cpuTimesOf, type CpuTimes } from './cpuTimes.ts';
import { domainStateOf } from './states.ts';

/**
 * Combines libvirt's replies about one domain into a sample; figures that the guest did not report are undefined. One
 * literal: a round of samples spends several times as long on spreads and copies.
 */
export function toSample(info: DomainInfo, stats: MemoryStats, cpu: CpuTimes): BalloonSample {
  const number = (tag: number): number | undefined => {
    const value = stats.get(tag);
    return value === undefined ? undefined : Number(value);
  };
  const size = number as (tag: number) => KiB | undefined;
  return {
    state: domainStateOf(info.state),
    vcpus: info.vcpus,
    cpuTimeNs: cpu.cpuTimeNs,
    cpuAccountedNs: cpu.cpuAccountedNs,
    current: size(memoryTag.actualBalloon) ?? (info.memory as KiB),
    maximum: info.maxMemory as KiB,
    available: size(memoryTag.available),
    unused: size(memoryTag.unused),
    usable: size(memoryTag.usable),
    diskCaches: size(memoryTag.diskCaches),
    rss: size(memoryTag.rss),
    swapIn: size(memoryTag.swapIn),
    swapOut: size(memoryTag.swapOut),
    majorFaults: number(memoryTag.majorFault),
    minorFaults: number(memoryTag.minorFault),
    lastUpdate: number(memoryTag.lastUpdate) as Seconds | undefined,
  };
}

/**
 * Converts bulk statistics of one domain: its state, CPU times and balloon. Returns undefined if they lack what only the
 * guest's QEMU or the host knows, as for a domain whose job another call has, or if they contradict themselves: libvirt
 * notes a balloon's size by QEMU's events, and there is none when memory comes or goes.
 */
export function bulkSample(values: ReadonlyMap<string, ParameterValue>): BalloonSample | undefined {
  const number = (field: string): number | undefined => {
    const value = values.get(field);
    return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : undefined;
  };
  const size = number as (field: string) => KiB | undefined;
  const [state, current, maximum, rss] = [
    number('state.state'),
    size('balloon.current'),
    size('balloon.maximum'),
    size('balloon.rss'),
  ];
  const cpu = cpuTimesOf(values);
  if (!cpu || state === undefined || rss === undefined) return undefined;
  if (current === undefined || maximum === undefined || current > maximum) return undefined;
  return {
    state: domainStateOf(state),
    cpuTimeNs: cpu.cpuTimeNs,
    cpuAccountedNs: cpu.cpuAccountedNs,
    current,
    maximum,
    available: size('balloon.available'),
    unused: size('balloon.unused'),
    usable: size('balloon.usable'),
    diskCaches: size('balloon.disk_caches'),
    rss,
    swapIn: size('balloon.swap_in'),
    swapOut: size('balloon.swap_out'),
    majorFaults: number('balloon.major_fault'),
    minorFaults: number('balloon.minor_fault'),
    lastUpdate: number('balloon.last-update') as Seconds | undefined,
  };
}
