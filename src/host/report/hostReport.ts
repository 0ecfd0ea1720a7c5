import type { Cancel, Clock } from '../../common/clock.ts';
import { type KiB, Milliseconds } from '../../common/units.ts';
import type { Hypervisor } from '../hypervisor.ts';
import { capabilities } from './capabilities.ts';
import { hardware } from './hardware.ts';
import {
  type KsmState,
  ksmState,
  type Merging,
  merging,
  type KsmTuning,
  ksmSettings,
  tuneKsm,
} from './ksm.ts';
import { networks } from './networks.ts';
import type { Procfs } from './procfs.ts';
import { HostStats, type VmCounts } from './hostStats.ts';

/** An engine asks for the host's statistics every few seconds. */
const MEMORY_TIMEOUT = Milliseconds(2000);

/** Reports on the host itself, from its hypervisor and from /proc and /sys. */
export class HostReport {
  readonly #hypervisor: Hypervisor;
  readonly #proc: Procfs;
  readonly #stats: HostStats;
  #pageSize: Promise<KiB | undefined> | undefined;

  constructor(hypervisor: Hypervisor, proc: Procfs) {
    this.#hypervisor = hypervisor;
    this.#proc = proc;
    this.#stats = new HostStats(proc);
  }

  /** Measures the load of the host's CPUs each interval from now on. Returns a function that stops it. */
  start(clock: Clock, interval: Milliseconds): Cancel {
    return this.#stats.start(clock, interval);
  }

  /** Throws HypervisorError if the hypervisor does not answer. */
  async capabilities() {
    const [node, memory, devices] = await Promise.all([
      this.#hypervisor.node(),
      this.#hypervisor.hostMemory(),
      networks(this.#proc, this.#proc.addresses()),
    ]);
    const simulated = !this.#hypervisor.isReal;
    return { ...(await capabilities(node, memory, this.#proc)), ...devices, simulated };
  }

  /** Throws HypervisorError if the hypervisor does not answer. */
  async stats(vms: VmCounts, momIsActive = false) {
    const memory = await this.#hypervisor.hostMemory({ timeout: MEMORY_TIMEOUT });
    return this.#stats.measure(memory, vms, momIsActive);
  }

  hardware() {
    return hardware(this.#proc);
  }

  /** Returns the settings of the kernel's same-page merging; unknown ones are absent. */
  ksmSettings(): Promise<KsmTuning> {
    return ksmSettings(this.#proc);
  }

  /** Returns what the kernel's same-page merging does; undefined on a kernel without it. */
  async merging(): Promise<Merging | undefined> {
    return merging(this.#proc, await (this.#pageSize ??= this.#proc.pageSize()));
  }

  /** Returns the state of the kernel's same-page merging; undefined on a kernel without it. */
  ksmState(): Promise<KsmState | undefined> {
    return ksmState(this.#proc);
  }

  /** Sets the kernel's same-page merging; rejects with the kernel's error. */
  tuneKsm(tuning: KsmTuning): Promise<void> {
    return tuneKsm(this.#proc, tuning);
  }
}
