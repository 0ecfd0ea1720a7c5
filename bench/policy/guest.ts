import { KiB, Milliseconds, Seconds } from '../../src/common/units.ts';
import {
  rebooted,
  withCurrentWorkingSet,
  withTarget,
  withWorkload,
} from '../../src/host/simulated/guest/actions.ts';
import { advance } from '../../src/host/simulated/guest/advance.ts';
import { ordinary } from '../../src/host/simulated/guest/behaviour.ts';
import { type Guest, powerOn } from '../../src/host/simulated/guest/guest.ts';
import { current, memory, residentOnHost } from '../../src/host/simulated/guest/guestMemory.ts';
import { quiet } from '../../src/host/simulated/guest/workload.ts';
import type { GuestFigures } from '../../src/policy/decide/round/round.ts';
import { GIB, type GuestPlan } from './scenario.ts';

/** A change of a working set below this is not worth a step, in KiB. */
const SMALL = 1024;
/** The rate of a balloon that does not move, in KiB per second. */
const STUCK_RATE = 1;
/** The balloon's delay and rate of the real guest under QEMU. */
const MEASURED = { balloonDelay: Milliseconds(100), balloonRate: KiB(512 * 1024) };

/** One guest of a scenario, moved on second by second. */
export class SimulatedGuest {
  readonly plan: GuestPlan;
  #guest: Guest;
  #hasRebooted = false;

  constructor(plan: GuestPlan, seed: number) {
    this.plan = plan;
    this.#guest = powerOn({
      behaviour: { ...ordinary, ...MEASURED, ...plan.behaviour },
      seed,
      bornAt: Milliseconds((plan.startsAt ?? 0) * 1000),
      vcpus: 2,
      cpuTimeBefore: 0,
      hasBalloon: true,
      autodeflate: false,
      bootMemory: size(plan.memory),
      dimms: [],
      virtioMems: [],
      requested: KiB(size(plan.memory) - size(plan.current ?? plan.memory)),
      period: Seconds(plan.period ?? 5),
      workingSet: size(plan.workingSet(plan.startsAt ?? 0)),
      workload: { ...quiet, ...plan.workload?.(0) },
    });
  }

  advance(time: number): void {
    const { plan } = this;
    if (!this.isRunning(time)) return;
    if (plan.rebootsAt !== undefined && time >= plan.rebootsAt && !this.#hasRebooted) {
      this.#hasRebooted = true;
      this.#guest = rebooted(this.#guest);
    }
    const workingSet = size(plan.workingSet(time));
    if (Math.abs(workingSet - this.#guest.workingSet) > SMALL) {
      this.#guest = withCurrentWorkingSet(this.#guest, workingSet);
    }
    if (plan.workload) this.#guest = withWorkload(this.#guest, plan.workload(time));
    this.#guest = advance(this.#guest, Milliseconds(time * 1000)).guest;
  }

  isRunning(time: number): boolean {
    return time >= (this.plan.startsAt ?? 0);
  }

  setTarget(target: number, time: number): void {
    const clamped = Math.min(memory(this.#guest), Math.max(this.floor(time), target));
    this.#guest = withTarget(this.#guest, KiB(clamped));
  }

  floor(time: number): number {
    const { floor, raisedFloor } = this.plan;
    return size(raisedFloor && time >= raisedFloor.at ? raisedFloor.floor : floor);
  }

  get current(): number {
    return current(this.#guest);
  }

  get memory(): number {
    return memory(this.#guest);
  }

  get resident(): number {
    return residentOnHost(this.#guest);
  }

  /** What its programs use at `time`, with the kernel; KiB. */
  demand(time: number): number {
    return size(this.plan.workingSet(time)) + this.#kernel;
  }

  /** The files that it reads again and again; KiB. */
  get files(): number {
    return this.#guest.workload?.files ?? 0;
  }

  /** Whether no policy may or can take memory from it. */
  get isFixed(): boolean {
    const { statistics, balloonRate } = this.#guest.behaviour;
    return !statistics || balloonRate <= STUCK_RATE;
  }

  /** How fast it fills free memory with what it does not need; KiB per second. */
  get fillRate(): number {
    const { streamRate = 0, churnRate = 0 } = this.#guest.workload ?? {};
    return streamRate + churnRate;
  }

  /** Counters since the start of the scenario; a reboot resets those of the guest itself. */
  get counters(): { readonly swapped: number; readonly stalled: number } {
    const { swapIn, swapOut, contents } = this.#guest;
    return { swapped: swapIn + swapOut, stalled: swapIn + (contents?.refaulted ?? 0) };
  }

  /** The figures that vmemd would see. */
  figures(time: number): GuestFigures {
    const { plan } = this;
    const { report } = this.#guest;
    const told = report && plan.lie ? plan.lie(report) : report;
    return {
      name: plan.name,
      current: KiB(this.current),
      floor: KiB(this.floor(time)),
      memory: KiB(this.memory),
      weight: plan.weight ?? 1,
      resident: KiB(this.resident),
      ...(told && { ...told, reportedAt: Math.floor(told.at / 1000) + 1 }),
    };
  }

  get #kernel(): number {
    return 24 * 1024 + this.memory / 64;
  }
}

const size = (gib: number): KiB => KiB(Math.round(gib * GIB));
