import type { BalloonSample, DomainState } from '../hypervisor.ts';
import { Seconds } from '../../common/units.ts';
import type { Guest } from './guest/guest.ts';
import { cpuTime, current, memory, residentOnHost } from './guest/guestMemory.ts';

type Report = NonNullable<Guest['report']>;

/** The part of a guest's CPU time that its QEMU needs for itself. */
const ACCOUNTED = 0.1;

/** Returns the sample that libvirt would report of this guest. */
export function sampleOf(guest: Guest, state: DomainState, times: ReportTimes): BalloonSample {
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
      lastUpdate: times.of(report),
    }),
  };
}

/** The wall clock's times of reports: as in QEMU, one that is set later changes none. */
export class ReportTimes {
  readonly #epoch: () => Seconds;
  readonly #times = new WeakMap<Report, Seconds>();

  /** `epoch` returns the wall clock, in seconds since 1970, at the clock's 0. */
  constructor(epoch: () => Seconds) {
    this.#epoch = epoch;
  }

  /** Returns when a report was made, in whole seconds. */
  of(report: Report): Seconds {
    const known = this.#times.get(report);
    if (known !== undefined) return known;
    const time = Seconds(Math.floor(this.#epoch() + report.at / 1000));
    this.#times.set(report, time);
    return time;
  }
}
