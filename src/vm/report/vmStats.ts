import { cpuLimitsInForce } from '../../domain-xml/tuning.ts';
import type { Display } from '../../domain-xml/types.ts';
import { cpuFigures } from './cpu.ts';
import {
  type BalloonFigures,
  balloonInfo,
  keptMemoryStats,
  memoryStats,
  memUsage,
  type StatsEntry,
} from './stats.ts';
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
  const { domain, startedAt, clock, samples } = vm;
  const { quota, period } = cpuLimitsInForce(domain);
  const { isAnswering } = vm;
  const isStale = vm.isAlive && !isAnswering;
  const memory = isAnswering ? guestStats(vm) : undefined;
  const balloon = balloonOf(vm, isStale);
  const cpu = isStale ? {} : cpuFigures(samples);
  // one literal, undefined members and all: a host of 1000 VMs spends three times as long on spreads and copies
  return {
    vmId: vm.id,
    status: vm.status,
    statusTime: String(vdsmTime(clock)),
    vmName: domain.name,
    vmType: 'kvm',
    hash: domain.devicesHash,
    acpiEnable: String(domain.hasAcpi),
    kvmEnable: String(domain.type === 'kvm'),
    guestCPUCount: -1,
    pauseCode: vm.pauseCode,
    elapsedTime:
      startedAt === undefined ? undefined : String(Math.floor((clock.now() - startedAt) / 1000)),
    // MoM sets its own limits again each round until it reads them here
    vcpuQuota: String(quota),
    vcpuPeriod: period,
    vcpuUserLimit: domain.cpuTune?.userLimit,
    displayInfo: domain.displays?.map(displayInfo),
    monitorResponse: isStale ? '-1' : '0',
    memUsage: memUsage(vm.usableMemory, memory),
    memoryStats: memory,
    balloonInfo: balloon,
    // MoM stops ballooning every VM on one with vcpuCount but without balloonInfo
    vcpuCount: balloon && String(samples.newest?.vcpus ?? domain.vcpus),
    cpuUsage: cpu.cpuUsage,
    cpuUser: cpu.cpuUser,
    cpuSys: cpu.cpuSys,
    cpuActual: cpu.cpuActual,
  };
}

/** Returns an entry of VDSM's displayInfo, whose values are texts. */
const displayInfo = ({ type, port, tlsPort, address }: Display) => ({
  type,
  port: text(port),
  tlsPort: text(tlsPort),
  ipAddress: address,
});

const text = (n: number | undefined): string | undefined => (n === undefined ? n : String(n));

/**
 * Returns the balloon's figures. If the QEMU of the VM does not answer, they are left out: clients would decide on an old
 * size, a target would only time out, and MoM ends on a call that takes too long. So are those of a VM that is not
 * offered for ballooning.
 */
const balloonOf = (vm: Vm, isStale: boolean): StatsEntry['balloonInfo'] =>
  isStale || !vm.mayBalloon ? undefined : balloonInfo(figuresOf(vm), vm.samples);

const figuresOf = (vm: Vm): BalloonFigures => ({
  memory: vm.memory,
  floor: vm.floor,
  target: vm.balloonTarget,
  enabled: vm.domain.metadata?.ballooningEnabled ?? true,
  isKept: vm.keepsMemory,
});

/** Returns the figures of a VM that answers: a ballooned guest that has stopped to report keeps its last, so that MoM can give it memory back. */
function guestStats(vm: Vm): StatsEntry['memoryStats'] {
  const { samples, freshness } = vm;
  if (freshness.state === 'fresh') return memoryStats(samples);
  return vm.isSilent ? keptMemoryStats(samples.figures) : undefined;
}

/** Returns a VM's XML from the hypervisor, or as last read if the hypervisor fails. */
export const currentXml = (vm: Vm): Promise<string> =>
  vm.isAlive ? vm.hypervisor.domainXml(vm.id).catch(() => vm.xml) : Promise.resolve(vm.xml);
