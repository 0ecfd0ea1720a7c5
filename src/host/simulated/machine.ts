import type { Cancel, Clock } from '../../clock.ts';
import type { Domain, MemoryDevice } from '../../domain-xml/types.ts';
import { type KiB, Milliseconds, type Seconds } from '../../units.ts';
import { type CpuLimits, HypervisorError } from '../hypervisor.ts';
import {
  type MetadataElement,
  withLiveFacts,
  withMemoryDevices,
  withCpuLimits,
  withMetadataElement,
} from './document.ts';
import {
  rebooted,
  resumedAfter,
  withDimm,
  withPeriod,
  withTarget,
  withUnplugRequest,
} from './guest/actions.ts';
import type { Guest } from './guest/guest.ts';
import { current, memory } from './guest/memory.ts';
import { advance, type Happening, nextDue } from './guest/time.ts';
import { placed, type PluggedDevice } from './memorySlots.ts';
import { UnplugAnswers } from './unplugAnswers.ts';

/** The least quota and period that libvirt takes, in microseconds. */
const SHORTEST_CPU_TIME = 1000;

/** What a machine tells of itself. */
export type MachineNews = Happening | { readonly kind: 'plugged'; readonly alias: string };

export interface MachineParts {
  readonly id: number;
  /** As {@link Domain} says it, with `devices` in their places. */
  readonly xml: string;
  readonly domain: Domain;
  readonly devices: readonly PluggedDevice[];
  readonly guest: Guest;
  readonly paused: boolean;
}

/** One run of a domain, from power-on until it ends: the guest in its time, and the devices around it. */
export class Machine {
  readonly id: number;
  readonly #clock: Clock;
  readonly #tell: (news: MachineNews) => void;
  readonly #domain: Domain;
  readonly #answers: UnplugAnswers;
  #xml: string;
  #devices: readonly PluggedDevice[];
  #guest: Guest;
  #pausedAt: Milliseconds | undefined;
  #hasEnded = false;
  #hanging: { readonly over: Promise<void>; readonly release: () => void } | undefined;
  #timer: { readonly due: Milliseconds; readonly cancel: Cancel } | undefined;

  constructor(parts: MachineParts, clock: Clock, tell: (news: MachineNews) => void) {
    this.id = parts.id;
    this.#clock = clock;
    this.#answers = new UnplugAnswers(clock);
    this.#tell = tell;
    this.#domain = parts.domain;
    this.#xml = parts.xml;
    this.#devices = parts.devices;
    this.#guest = parts.guest;
    this.#pausedAt = parts.paused ? clock.now() : undefined;
    this.#catchUp();
  }

  get isPaused(): boolean {
    return this.#pausedAt !== undefined;
  }

  get isHanging(): boolean {
    return this.#hanging !== undefined;
  }

  /** The guest as it is now. */
  guest(): Guest {
    this.#catchUp();
    return this.#guest;
  }

  /** Does something to the guest, which may answer at once. */
  change(action: (guest: Guest) => Guest): void {
    this.#catchUp();
    if (this.#hasEnded) return;
    this.#guest = action(this.#guest);
    this.#catchUp();
  }

  /** Waits until the monitor answers; throws `refused` if there is no machine any more by then. */
  async monitor(): Promise<void> {
    while (this.#hanging) await this.#hanging.over;
    this.#catchUp();
    if (this.#hasEnded) throw notRunning();
  }

  /** From now on no monitor call is answered until the answer is called. */
  hang(): () => void {
    if (this.#hanging) return this.#hanging.release;
    let release = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      release = () => {
        this.#hanging = undefined;
        resolve();
      };
    });
    this.#hanging = { over, release };
    return release;
  }

  suspend(): void {
    this.#catchUp();
    this.#pausedAt ??= this.#clock.now();
    this.#disarm();
  }

  resume(): void {
    if (this.#pausedAt === undefined) return;
    this.#guest = resumedAfter(this.#guest, this.#clock.now() - this.#pausedAt);
    this.#pausedAt = undefined;
    this.#catchUp();
  }

  reset(): void {
    this.change(rebooted);
  }

  /** Asks the guest to reboot, by the same button that asks it to shut down. */
  reboot(): void {
    this.change((guest) =>
      guest.booted && guest.behaviour.shutdown === 'obeys' ? rebooted(guest) : guest,
    );
  }

  setBalloon(target: KiB): void {
    if (!this.#guest.hasBalloon) {
      throw new HypervisorError(
        'refused',
        'Requested operation is not valid: Unable to change memory of active domain without the balloon device and guest OS balloon driver',
      );
    }
    if (target > memory(this.#guest)) {
      throw new HypervisorError(
        'invalid',
        'invalid argument: cannot set memory higher than max memory',
      );
    }
    if (!Number.isSafeInteger(target) || target <= 0) {
      throw new HypervisorError('invalid', 'invalid argument: memory must be greater than 0');
    }
    this.change((guest) => withTarget(guest, target));
  }

  setStatsPeriod(period: Seconds): void {
    if (!this.#guest.hasBalloon) {
      throw new HypervisorError(
        'refused',
        'Requested operation is not valid: Memory balloon model must be virtio to set the collection period',
      );
    }
    if (!Number.isSafeInteger(period) || period < 0) {
      throw new HypervisorError('invalid', `invalid argument: no period of ${String(period)} s`);
    }
    this.change((guest) => withPeriod(guest, period));
  }

  attach(device: MemoryDevice): void {
    const plugged = placed(
      { ...this.#domain, memory: memory(this.#guest), memoryDevices: this.#devices },
      device,
    );
    this.#putDevices([...this.#devices, plugged]);
    this.change((guest) => withDimm(guest, plugged.alias, plugged.size));
    this.#tell({ kind: 'plugged', alias: plugged.alias });
  }

  /** Waits for the guest's answer, though not long; a request without answer stays. */
  detach(alias: string): Promise<void> {
    if (!this.#devices.some((device) => device.alias === alias)) {
      throw new HypervisorError(
        'invalid',
        `device not found: no device found with alias '${alias}'`,
      );
    }
    const answer = this.#answers.wait(alias);
    this.change((guest) => withUnplugRequest(guest, alias));
    return answer;
  }

  setCpuTune(limits: CpuLimits): void {
    for (const [name, value] of Object.entries(limits)) {
      if (value <= 0 || value >= SHORTEST_CPU_TIME) continue;
      const reason = `invalid argument: value of 'vcpu_${name}' is out of range`;
      throw new HypervisorError('invalid', reason);
    }
    this.#xml = withCpuLimits(this.#xml, limits);
  }

  setMetadata(added: MetadataElement): void {
    this.#xml = withMetadataElement(this.#xml, added);
  }

  xml(): string {
    const guest = this.guest();
    return withLiveFacts(this.#xml, {
      id: this.id,
      memory: memory(guest),
      current: current(guest),
      period: guest.period,
    });
  }

  /** Power off: nothing happens here any more. */
  end(): void {
    this.#hasEnded = true;
    this.#disarm();
    this.#answers.endAll(notRunning());
    this.#hanging?.release();
  }

  #putDevices(devices: readonly PluggedDevice[]): void {
    this.#xml = withMemoryDevices(this.#xml, devices);
    this.#devices = devices;
  }

  #catchUp(): void {
    if (this.#hasEnded || this.#pausedAt !== undefined) return;
    const { guest, happenings } = advance(this.#guest, this.#clock.now());
    this.#guest = guest;
    for (const happening of happenings) this.#handle(happening);
    this.#arm();
  }
  #handle(happening: Happening): void {
    if (happening.kind === 'unplugged') {
      this.#putDevices(this.#devices.filter(({ alias }) => alias !== happening.alias));
      this.#answers.answer(happening.alias);
    }
    if (happening.kind === 'unplug-refused') {
      this.#answers.answer(happening.alias, unplugRejected());
    }
    this.#tell(happening);
  }

  /** Wakes when the guest does something by itself; an idle guest sets no timer. */
  #arm(): void {
    const due = nextDue(this.#guest);
    if (this.#hasEnded || due === this.#timer?.due) return;
    this.#disarm();
    if (due === undefined) return;
    // Whole milliseconds, and one at least: by how little fractions round off, it would wake forever at the same moment.
    const delay = Milliseconds(Math.max(1, Math.ceil(due - this.#clock.now())));
    const cancel = this.#clock.after(delay, () => {
      this.#timer = undefined;
      this.#catchUp();
    });
    this.#timer = { due, cancel };
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

/** libvirt's words for whatever needs a running domain. */
export const notRunning = (): HypervisorError =>
  new HypervisorError('refused', 'Requested operation is not valid: domain is not running');

const unplugRejected = (): HypervisorError =>
  new HypervisorError('refused', 'operation failed: unplug of device was rejected by the guest');
