import type { BalloonSample, DomainState } from '../hypervisor.ts';
import { Seconds } from '../../common/units.ts';
import type { Guest } from './guest/guest.ts';
import { cpuTime, current, memory, residentOnHost } from './guest/guestMemory.ts';

/** The part of a guest's CPU time that its QEMU needs for itself. */
const ACCOUNTED = 0.1;

/**
 * Returns the sample that libvirt would report of this guest; `epoch` is the wall clock, in seconds, at the clock's 0.
 */
export function sampleOf(guest: Guest, state: DomainState, epoch: Seconds): BalloonSample {
  const { report, vcpus, hasBalloon } = guest;
  return {
    state,
    vcpus,
    cpuTimeNs: BigInt(Math.round(cpuTime(guest) * 1e6)),
    cpuAccountedNs: BigInt(Math.round(cpuTime(guest) * 1e6 * ACCOUNTED)),
    current: current(guest),
    maximum: memory(guest),
    rss: residentOnHost(guest),
    ...(hasBalloon && { lastUpdate: Seconds(0) }),
    ...(report && {
      available: report.available,
      unused: report.unused,
      usable: report.usable,
      diskCaches: report.diskCaches,
      swapIn: report.swapIn,
      swapOut: report.swapOut,
      majorFaults: report.majorFaults,
      minorFaults: report.minorFaults,
      lastUpdate: Seconds(Math.floor(epoch + report.at / 1000)),
    }),
  };
}
