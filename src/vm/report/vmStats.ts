import { cpuLimitsInForce } from '../../domain-xml/tuning.ts';
import type { Domain } from '../../domain-xml/types.ts';
import { cpuFigures } from './cpu.ts';
import {
  type BalloonFigures,
  balloonInfo,
  keptMemoryStats,
  memoryStats,
  memUsage,
  type StatsEntry,
} from './stats.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import { vdsmTime } from '../../common/time.ts';
import type { UnreadableVm } from '../unreadableVm.ts';
import type { Vm } from '../vm.ts';

type Brief = Pick<Vm, 'id' | 'status' | 'clock'>;

/** Returns a VM in VDSM's short form. */
export const vmEntry = (vm: Brief) => ({
  vmId: vm.id,
  status: vm.status,
  statusTime: String(vdsmTime(vm.clock)),
});

/** Returns what is known of a running domain that cannot be read, in the form of statistics. */
export const unreadableStats = (vm: UnreadableVm): StatsEntry => ({
  ...vmEntry(vm),
  vmName: vm.name,
  unreadable: vm.reason,
});

/** Returns the VMs with these ids in VDSM's short form, or all without ids; unknown ids are left out. */
export function vmEntries(vms: readonly Brief[], ids: readonly string[] = []) {
  const wanted = new Set(ids.map((id) => id.toLowerCase()));
  return vms.filter(({ id }) => wanted.size === 0 || wanted.has(id)).map(vmEntry);
}

/** Returns a VM's statistics by its newest sample, in VDSM's form. */
export function vmStats(vm: Vm): StatsEntry {
  if (vm.exit) {
    const { code, reason, message } = vm.exit;
    return { ...vmEntry(vm), exitCode: code, exitReason: reason, exitMessage: message };
  }
  return { ...vmEntry(vm), ...description(vm), ...sampled(vm) };
}

function description({ domain, startedAt, clock, pauseCode }: Vm): Partial<StatsEntry> {
  return {
    vmName: domain.name,
    vmType: 'kvm',
    hash: domain.devicesHash,
    acpiEnable: String(domain.hasAcpi),
    kvmEnable: String(domain.type === 'kvm'),
    guestCPUCount: -1,
    ...(pauseCode === undefined ? {} : { pauseCode }),
    ...(startedAt === undefined ?
      {}
    : { elapsedTime: String(Math.floor((clock.now() - startedAt) / 1000)) }),
    ...cpuLimits(domain),
    ...displayInfo(domain),
  };
}

/** Returns VDSM's displayInfo, whose values are texts, for a VM with displays. */
const displayInfo = ({ displays }: Domain): Partial<StatsEntry> =>
  omitUndefined({
    displayInfo: displays?.map(({ type, port, tlsPort, address }) =>
      omitUndefined({ type, port: text(port), tlsPort: text(tlsPort), ipAddress: address }),
    ),
  });

const text = (n: number | undefined): string | undefined => (n === undefined ? n : String(n));

/** Returns the CPU limits in force: MoM sets its own again each round until it reads them here. */
function cpuLimits(domain: Domain): Partial<StatsEntry> {
  const { quota, period } = cpuLimitsInForce(domain);
  return omitUndefined({
    vcpuQuota: String(quota),
    vcpuPeriod: period,
    vcpuUserLimit: domain.cpuTune?.userLimit,
  });
}

/**
 * Returns the fields that come from samples. MoM stops ballooning every VM on one with vcpuCount but without
 * balloonInfo, so both are present or both absent. A ballooned guest that has stopped to report keeps its last figures
 * and what it has, so that MoM can give it memory back, and nothing else. If its QEMU does not answer either, the
 * figures are left out: a target would only time out, and MoM ends on a call that takes too long.
 */
function sampled(vm: Vm): Partial<StatsEntry> {
  const { samples, domain, isAlive, isAnswering } = vm;
  const { newest } = samples;
  const isStale = isAlive && !isAnswering;
  // clients would decide on an old size, or balloon a VM that is not offered for it
  const balloon = isStale || !vm.mayBalloon ? undefined : balloonInfo(figuresOf(vm), samples);
  const stats = guestStats(vm);
  return omitUndefined({
    monitorResponse: isStale ? '-1' : '0',
    memUsage: memUsage(vm.usableMemory, stats),
    memoryStats: stats,
    balloonInfo: balloon,
    vcpuCount: balloon && String(newest?.vcpus ?? domain.vcpus),
    ...(isStale ? {} : cpuFigures(samples)),
  });
}

const figuresOf = (vm: Vm): BalloonFigures => ({
  memory: vm.memory,
  floor: vm.floor,
  target: vm.balloonTarget,
  enabled: vm.domain.metadata?.ballooningEnabled ?? true,
  isKept: vm.keepsMemory,
});

function guestStats(vm: Vm): StatsEntry['memoryStats'] {
  const { samples, freshness } = vm;
  if (!vm.isAnswering) return undefined;
  if (freshness.state === 'fresh') return memoryStats(samples);
  return vm.isSilent ? keptMemoryStats(samples.figures) : undefined;
}

/** Returns a VM's XML from the hypervisor, or as last read if the hypervisor fails. */
export const currentXml = (vm: Vm): Promise<string> =>
  vm.isAlive ? vm.hypervisor.domainXml(vm.id).catch(() => vm.xml) : Promise.resolve(vm.xml);
