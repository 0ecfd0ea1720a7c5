import { omitUndefined } from '../common/omitUndefined.ts';
import { KiB } from '../common/units.ts';
import type { HostPressure } from '../host/pressure/hostPressure.ts';
import type { HostNode } from '../host/hypervisor.ts';
import type { describeHeadroom } from '../policy/reservations/describe.ts';
import type { PolicySettings } from '../policy/loop/settings.ts';
import { hostWarnings } from './hostWarnings.ts';
import type { HostOverview, LinkState, VmOverview } from './shown.ts';

/** The host's memory, and what of it is promised and could be freed; absent if unknown. */
export interface HostMemoryParts {
  readonly pressure?: HostPressure | undefined;
  readonly headroom?: ReturnType<typeof describeHeadroom>;
}

/** What the host's part is made of; unknown parts are undefined. */
export interface HostParts extends HostMemoryParts {
  readonly isSimulated: boolean;
  readonly isReadOnly: boolean;
  readonly version: string;
  readonly node: HostNode | undefined;
  /** What the policy wants the host to have left. */
  readonly goal: KiB | undefined;
  readonly link: LinkState;
  readonly momIsActive: boolean | undefined;
  readonly policy: PolicySettings;
  readonly vms: readonly VmOverview[];
}

/** Returns the host at a glance; sums count the VMs whose figures are known. */
export function hostOverview(parts: HostParts): HostOverview {
  const { vms, node, link, pressure, headroom } = parts;
  const memory = memoryOf(pressure, vms);
  const promised = sumOf(vms, 'guaranteed_kib') ?? KiB(0);
  const host = omitUndefined({
    simulated: parts.isSimulated,
    read_only: parts.isReadOnly,
    vmemd_version: parts.version,
    name: node?.hostname,
    libvirt_version: versionText(node?.libvirtVersion),
    qemu_version: versionText(node?.hypervisorVersion),
    link_problem: link.problem,
    link_problem_since: link.problemSince && new Date(link.problemSince).toISOString(),
    vms: vms.length,
    vms_up: vms.filter(({ status }) => status === 'Up').length,
    promised_kib: promised,
    ...memory,
    goal_kib: parts.goal,
    reserve_kib: headroom?.reserve_kib,
    reserved_kib: headroom?.held_kib,
    could_free_kib: headroom?.freeable_kib,
    could_promise_kib: headroom?.promisable_kib,
    policy: policyOnWire(parts.policy),
    mom_active: parts.momIsActive,
  });
  return { ...host, warnings: hostWarnings(host) };
}

const policyOnWire = ({ mode, algorithm, since, by }: PolicySettings) => ({
  mode,
  algorithm,
  by,
  ...(since !== undefined && { since: new Date(since).toISOString() }),
});

function memoryOf(pressure: HostPressure | undefined, vms: readonly VmOverview[]) {
  const used = sumOf(vms, 'resident_kib');
  const { total, unused, caches, available } = pressure ?? {};
  const { swapTotal, swapFree, swapRate, stall, hugepages } = pressure ?? {};
  const pooled = KiB(
    hugepages?.reduce((sum, { size, total: pages }) => sum + size * pages, 0) ?? 0,
  );
  return {
    used_by_guests_kib: used,
    balloons_held_kib: sumOf(vms, 'balloon_held_kib'),
    total_kib: total,
    free_kib: unused,
    caches_kib: caches,
    other_kib: rest(total, [unused, caches ?? KiB(0), used, pooled]),
    available_kib: available,
    swap_total_kib: swapTotal,
    swap_free_kib: swapFree,
    swap_in_kib_s: swapRate?.in,
    swap_out_kib_s: swapRate?.out,
    stall_percent: stall,
    hugepages: hugepages?.map(({ size, total: all, free: left }) => ({
      size_kib: size,
      total: all,
      free: left,
    })),
  };
}

type Size = 'guaranteed_kib' | 'resident_kib' | 'balloon_held_kib';

/** Returns the sum over the VMs that have this figure; undefined if there are VMs and none has it. */
function sumOf(vms: readonly VmOverview[], name: Size): KiB | undefined {
  let sum = 0;
  let isKnown = vms.length === 0;
  for (const { [name]: size } of vms) {
    if (size === undefined) continue;
    sum += size;
    isKnown = true;
  }
  return isKnown ? KiB(sum) : undefined;
}

function rest(total: KiB | undefined, parts: readonly (KiB | undefined)[]): KiB | undefined {
  let left: number | undefined = total;
  for (const part of parts) {
    if (left === undefined || part === undefined) return undefined;
    left -= part;
  }
  return left === undefined ? undefined : KiB(Math.max(0, left));
}

/** Returns libvirt's number of a version as text: 9000001 is 9.0.1. */
function versionText(version: number | undefined): string | undefined {
  if (version === undefined || version <= 0) return undefined;
  const [major, minor, release] = [version / 1e6, (version / 1e3) % 1e3, version % 1e3];
  return [major, minor, release].map(Math.floor).join('.');
}
