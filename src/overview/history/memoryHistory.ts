import type {
  HostHistory as HostSchema,
  VmHistory as VmSchema,
} from '../../../schema/memoryHistory.ts';
import type { Cancel, Clock } from '../../common/clock.ts';
import { wallMilliseconds } from '../../common/time.ts';
import { VdsmError } from '../../common/errors.ts';
import type { Typed } from '../../common/typed.ts';
import { type Seconds, toMilliseconds } from '../../common/units.ts';
import type { Glance, HostOverview, VmOverview } from '../shown.ts';
import type { PrometheusHistory } from './prometheus.ts';
import { Ring, type Values } from './ring.ts';

/** How far back it reaches, in seconds. */
export const KEPT_S = 3600;

/** In KiB: guests have pages of 4 KiB; 64 KiB are exact enough for a host, which may have 256 TiB then. */
const [PAGE, COARSE] = [4, 64];

const VM_COLUMNS = [
  { name: 'used_kib', unit: PAGE },
  { name: 'current_kib', unit: PAGE },
  { name: 'target_kib', unit: PAGE },
  { name: 'guaranteed_kib', unit: PAGE },
  { name: 'maximum_kib', unit: PAGE },
  { name: 'swap_in_kib_s', unit: 1 },
  { name: 'swap_out_kib_s', unit: 1 },
] as const satisfies readonly { name: keyof VmOverview; unit: number }[];

const HOST_COLUMNS = [
  { name: 'used_by_guests_kib', unit: COARSE },
  { name: 'balloons_held_kib', unit: COARSE },
  { name: 'caches_kib', unit: COARSE },
  { name: 'free_kib', unit: COARSE },
  { name: 'available_kib', unit: COARSE },
  { name: 'promised_kib', unit: COARSE },
  { name: 'swap_used_kib', unit: COARSE },
  { name: 'stall_percent', unit: 0.01 },
] as const;

type Series<N extends string> = Readonly<Record<N, Values>>;
export type HostHistory = Typed<typeof HostSchema>;
export type VmHistory = Typed<typeof VmSchema>;

export interface MemoryHistoryOptions {
  readonly look: () => Promise<Glance>;
  readonly clock: Clock;
  /** For what is longer ago than {@link KEPT_S}. */
  readonly prometheus?: PrometheusHistory | undefined;
  /** The time between two values. */
  readonly step: { readonly host: Seconds; readonly vms: Seconds };
}

/** How the memory of the host and its VMs was used in the last hour; in memory only, and bounded. */
export class MemoryHistory {
  readonly #options: MemoryHistoryOptions;
  readonly #host: Ring;
  readonly #vms = new Map<string, Ring>();

  constructor(options: MemoryHistoryOptions) {
    this.#options = options;
    this.#host = new Ring(HOST_COLUMNS, lengthFor(options.step.host));
  }

  /** Memory that it occupies, in bytes. */
  get bytes(): number {
    return [...this.#vms.values()].reduce((sum, { bytes }) => sum + bytes, this.#host.bytes);
  }

  /** Records from now on. Returns a function that stops it. */
  start(): Cancel {
    const { clock, step } = this.#options;
    let isStopped = false;
    let cancel: Cancel = () => undefined;
    const round = async (): Promise<void> => {
      // until the VMs are known there is nothing to record
      await this.record().catch(() => undefined);
      if (!isStopped) cancel = clock.after(toMilliseconds(step.host), () => void round());
    };
    void round();
    return () => {
      isStopped = true;
      cancel();
    };
  }

  /** Records the present values; forgets VMs that are no longer there. Throws Recovering until the VMs are known. */
  async record(): Promise<void> {
    const { look, step } = this.#options;
    const { host, vms } = await look();
    this.#host.put(this.#stepNow(step.host), hostValues(host));
    const ids = new Set(vms.map(({ id }) => id));
    for (const id of this.#vms.keys()) if (!ids.has(id)) this.#vms.delete(id);
    const now = this.#stepNow(step.vms);
    for (const vm of vms) {
      this.#ringOf(vm.id).put(
        now,
        VM_COLUMNS.map(({ name }) => vm[name]),
      );
    }
  }

  /**
   * Returns the host's history of the last `seconds`, from Prometheus if they are more than are kept. Throws
   * InvalidParameter without a Prometheus, and UnexpectedError if it does not answer.
   */
  async readHost(seconds: number): Promise<HostHistory> {
    if (seconds <= KEPT_S) return this.ofHost(seconds);
    const history = await this.#longer.ofHost(seconds, wallMilliseconds(this.#options.clock));
    const unknown = history.series.free_kib.map(() => null);
    return { ...history, series: { ...history.series, caches_kib: unknown } };
  }

  /** As {@link readHost}, of the VM with this id and name. */
  async readVm(
    vm: { readonly id: string; readonly name: string },
    seconds: number,
  ): Promise<VmHistory> {
    if (seconds <= KEPT_S) return this.ofVm(vm.id, seconds);
    return this.#longer.ofVm(vm.name, seconds, wallMilliseconds(this.#options.clock));
  }

  get #longer(): PrometheusHistory {
    const { prometheus } = this.#options;
    if (prometheus) return prometheus;
    throw new VdsmError(
      'InvalidParameter',
      `the last ${String(KEPT_S)} seconds are kept; for more, set [dashboard] prometheus_url`,
    );
  }

  /** Returns the host's history of the last `seconds`, as far as it is kept. */
  ofHost(seconds: number): HostHistory {
    return this.#history(this.#host, HOST_COLUMNS, this.#options.step.host, seconds);
  }

  /** Returns a VM's history of the last `seconds`, as far as it is kept. */
  ofVm(id: string, seconds: number): VmHistory {
    const ring = this.#vms.get(id) ?? new Ring(VM_COLUMNS, 1);
    return this.#history(ring, VM_COLUMNS, this.#options.step.vms, seconds);
  }

  #ringOf(id: string): Ring {
    const known = this.#vms.get(id);
    if (known) return known;
    const ring = new Ring(VM_COLUMNS, lengthFor(this.#options.step.vms));
    this.#vms.set(id, ring);
    return ring;
  }

  #history<N extends string>(
    ring: Ring,
    columns: readonly { readonly name: N }[],
    step: Seconds,
    seconds: number,
  ) {
    const last = this.#stepNow(step);
    const first = last - Math.ceil(Math.min(seconds, KEPT_S) / step) + 1;
    const series = Object.fromEntries(
      columns.map(({ name }, index) => [name, ring.column(index, first, last)]),
    ) as Series<N>;
    return { source: 'vmemd' as const, start: this.#timeOf(first, step), step_s: step, series };
  }

  /** Steps are counted on the monotonic clock, so that a change of the wall clock tears no hole. */
  #stepNow(step: Seconds): number {
    return Math.floor(this.#options.clock.now() / toMilliseconds(step));
  }

  #timeOf(number: number, step: Seconds): string {
    const { clock } = this.#options;
    const ago = clock.now() - number * toMilliseconds(step);
    return new Date(Math.round(wallMilliseconds(clock) - ago)).toISOString();
  }
}

const lengthFor = (step: Seconds): number => Math.ceil(KEPT_S / step);

function hostValues(host: HostOverview): (number | undefined)[] {
  const { swap_total_kib: all, swap_free_kib: free } = host;
  const swapUsed = all === undefined || free === undefined ? undefined : all - free;
  return HOST_COLUMNS.map(({ name }) => (name === 'swap_used_kib' ? swapUsed : host[name]));
}
