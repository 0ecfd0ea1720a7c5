import type { Logger } from 'pino';
import type { Cancel, Clock } from '../../common/clock.ts';
import { messageOf } from '../../common/messageOf.ts';
import { KiB, Milliseconds } from '../../common/units.ts';
import type { HostPressure } from '../../host/pressure/hostPressure.ts';
import { Troubles } from '../../host/pressure/troubles.ts';
import type { HostReport } from '../../host/report/hostReport.ts';
import type { KsmState, KsmTuning } from '../../host/report/ksm.ts';
import { decideKsm } from './decideKsm.ts';

/** What clients want of same-page merging, by MoM's names; it is left alone unless `ksmEnabled` is given. */
export interface KsmWish {
  readonly ksmEnabled?: boolean;
  readonly ksmMergeAcrossNodes?: boolean;
}

export interface KsmTunerParts {
  readonly host: Pick<HostReport, 'ksmState' | 'tuneKsm'>;
  readonly pressure: { read(): Promise<HostPressure> };
  readonly clock: Clock;
  readonly log: Logger;
  /** How long a client's own settings are left alone. */
  readonly pinTime: Milliseconds;
  readonly wish: () => KsmWish;
}

/** MoM's interval under VDSM, and the number of its samples. */
const INTERVAL = Milliseconds(15_000);
const SAMPLES = 10;

const FOLDER = '/sys/kernel/mm/ksm';
const MISSING =
  'is missing: this kernel has no same-page merging, so that ksmEnabled has no effect';
const FORBIDDEN = /EACCES|EPERM|EROFS/;
const REMEDY =
  'run vmemd as root, with /sys/kernel/mm/ksm writable, as the drop-in ksm.conf of its unit does';

/** Tunes the kernel's same-page merging as MoM does, where a client wants it. */
export class KsmTuner {
  readonly #parts: KsmTunerParts;
  readonly #troubles: Troubles;
  #free: readonly KiB[] = [];
  #pinnedUntil: Milliseconds | undefined;

  constructor(parts: KsmTunerParts) {
    this.#parts = parts;
    this.#troubles = new Troubles(parts.log);
  }

  /** Tunes each interval from now on. Returns a function that ends it and leaves the kernel as it is. */
  start(): Cancel {
    let isStopped = false;
    let cancel: Cancel;
    const next = async (): Promise<void> => {
      await this.tune();
      if (!isStopped) wait();
    };
    const wait = (): void => {
      cancel = this.#parts.clock.after(INTERVAL, () => void next());
    };
    wait();
    return () => {
      isStopped = true;
      cancel();
    };
  }

  /** Leaves the kernel's settings alone for a while, since a client has set them. */
  pin(): void {
    const { clock, pinTime } = this.#parts;
    this.#pinnedUntil = Milliseconds(clock.now() + pinTime);
  }

  /** Decides once, and writes what differs. Logs what it cannot do, and never rejects. */
  async tune(): Promise<void> {
    const { ksmEnabled: enabled, ksmMergeAcrossNodes: mergeAcrossNodes = true } =
      this.#parts.wish();
    if (enabled === undefined) {
      this.#free = [];
      return;
    }
    try {
      const state = await this.#parts.host.ksmState();
      this.#troubles.report(FOLDER, state ? undefined : MISSING);
      if (state) await this.#apply(state, { enabled, mergeAcrossNodes });
    } catch (error) {
      this.#troubles.report('KSM', `cannot be tuned, because ${messageOf(error)}`);
    }
  }

  async #apply(
    { settings, pagesShared, advises }: KsmState,
    parameters: { readonly enabled: boolean; readonly mergeAcrossNodes: boolean },
  ): Promise<void> {
    const { total, free, shareable } = await this.#parts.pressure.read();
    if (free === undefined) throw new Error('the free memory of the host is unknown');
    this.#free = [...this.#free, free].slice(-SAMPLES);
    const { pages_to_scan: pagesToScan, merge_across_nodes: across } = settings;
    const meanFree = KiB(this.#free.reduce((sum, each) => sum + each, 0) / this.#free.length);
    const figures = {
      total,
      meanFree,
      shareable,
      pagesShared,
      ...(pagesToScan !== undefined && !advises && { pagesToScan }),
      ...(across !== undefined && { mergeAcrossNodes: across }),
    };
    const changed = differing(decideKsm(figures, parameters), settings);
    if (Object.keys(changed).length > 0 && !this.#isPinned) await this.#write(changed, settings);
    else this.#troubles.report('KSM', undefined);
  }

  get #isPinned(): boolean {
    return this.#pinnedUntil !== undefined && this.#parts.clock.now() < this.#pinnedUntil;
  }

  async #write(after: KsmTuning, settings: KsmTuning): Promise<void> {
    const { host, log } = this.#parts;
    try {
      await host.tuneKsm(after);
    } catch (error) {
      const message = messageOf(error);
      throw new Error(FORBIDDEN.test(message) ? `${message}; ${REMEDY}` : message, {
        cause: error,
      });
    }
    this.#troubles.report('KSM', undefined);
    const before = Object.fromEntries(
      Object.keys(after).map((name) => [name, settings[name as keyof KsmTuning]]),
    );
    const line = { event: 'audit', by: 'policy', before: { ksm: before }, after: { ksm: after } };
    log.info(line, 'KSM: tuned, as ksmEnabled asks for');
  }
}

/** Returns the settings that are not as decided. */
const differing = (decided: KsmTuning, present: KsmTuning): KsmTuning =>
  Object.fromEntries(
    Object.entries(decided).filter(([name, value]) => value !== present[name as keyof KsmTuning]),
  );
