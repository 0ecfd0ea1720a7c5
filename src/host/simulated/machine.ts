import type { Clock } from '../../common/clock.ts';
import type { SlotRule } from '../../domain-xml/slots.ts';
import type { Domain, MemoryDevice } from '../../domain-xml/types.ts';
import type { KiB, Seconds } from '../../common/units.ts';
import { type CpuLimits, HypervisorError, type MetadataElement } from '../hypervisor.ts';
import { withLiveFacts, withCpuLimits, withMetadataElement } from './xml.ts';
import {
  rebooted,
  withDimm,
  withoutReport,
  withPeriod,
  withTarget,
  withUnplugRequest,
} from './guest/actions.ts';
import { withVirtioMem, withVirtioMemRequest } from './guest/guestVirtioMem.ts';
import type { Guest } from './guest/guest.ts';
import { wholeCurrent, wholeMemory } from './guest/guestMemory.ts';
import type { GuestEvent } from './guest/advance.ts';
import { ClockedGuest } from './clockedGuest.ts';
import {
  attachedSize,
  checkBlocks,
  checkVirtioMem,
  placed,
  type PluggedDevice,
} from './memorySlots.ts';
import { Monitor } from './monitor.ts';
import { UnplugWaiters } from './unplugWaiters.ts';

/** The smallest quota and period that libvirt accepts, in microseconds. */
const SHORTEST_CPU_TIME = 1000;

/** Events of a machine. */
export type MachineEvent =
  GuestEvent | { readonly kind: 'plugged'; readonly alias: string } | { readonly kind: 'rebooted' };

export interface MachineParts {
  readonly id: number;
  readonly xml: string;
  readonly domain: Domain;
  readonly slotRule: SlotRule;
  readonly devices: readonly PluggedDevice[];
  readonly guest: Guest;
  readonly paused: boolean;
}

/** One run of a domain, from power-on to its end: the guest and the devices around it. */
export class Machine {
  #id: number;
  readonly #emit: (event: MachineEvent) => void;
  readonly #domain: Domain;
  readonly #slotRule: SlotRule;
  readonly #waiters: UnplugWaiters;
  readonly #monitor = new Monitor();
  readonly #clocked: ClockedGuest;
  #xml: string;
  #saves = 0;
  #devices: readonly PluggedDevice[];

  constructor(parts: MachineParts, clock: Clock, emit: (event: MachineEvent) => void) {
    this.#id = parts.id;
    this.#waiters = new UnplugWaiters(clock);
    this.#emit = emit;
    this.#domain = parts.domain;
    this.#slotRule = parts.slotRule;
    this.#xml = parts.xml;
    this.#devices = parts.devices;
    this.#clocked = new ClockedGuest(parts, clock, (event) => {
      this.#handle(event);
    });
  }

  /** libvirt's number of the domain while it runs. */
  get id(): number {
    return this.#id;
  }

  get isPaused(): boolean {
    return this.#clocked.isPaused;
  }

  get isHanging(): boolean {
    return this.#monitor.isHanging;
  }

  /** The guest at the time of the last advance. */
  get guest(): Guest {
    return this.#clocked.guest;
  }

  /** Advances the guest to now, which may end the machine. */
  catchUp(): void {
    this.#clocked.catchUp();
  }

  /** Advances the guest, then replaces it by the result of `action`. */
  change(action: (guest: Guest) => Guest): void {
    this.#clocked.change(action);
  }

  /** Runs `work` as soon as the monitor answers; throws `refused` if the machine has ended by then. */
  async ask(work: (machine: Machine) => void | Promise<void>): Promise<void> {
    const saves = this.#saves;
    await this.#monitor.answer();
    this.catchUp();
    if (this.#clocked.hasEnded || saves !== this.#saves) throw notRunning();
    await work(this);
  }

  /** Makes the monitor hang until the returned function is called. */
  hang(): () => void {
    return this.#monitor.hang();
  }

  suspend(): void {
    this.#clocked.suspend();
  }

  resume(): void {
    this.#clocked.resume();
  }

  /** Resets the machine, as a guest that reboots does by itself. */
  reset(): void {
    this.change(rebooted);
    this.#emit({ kind: 'rebooted' });
  }

  /** Requests a reboot by the power button. */
  reboot(): void {
    const { booted, behaviour } = this.guest;
    if (booted && behaviour.shutdown === 'obeys') this.reset();
  }

  setBalloon(target: KiB): void {
    if (!this.guest.hasBalloon) {
      throw new HypervisorError(
        'refused',
        'Requested operation is not valid: Unable to change memory of active domain without the balloon device and guest OS balloon driver',
      );
    }
    if (target > wholeMemory(this.guest)) {
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
    if (!this.guest.hasBalloon) {
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

  attach(given: MemoryDevice): void {
    const device = { ...given, size: attachedSize(given.size) };
    const plugged = placed(
      { ...this.#domain, memory: wholeMemory(this.guest), memoryDevices: this.#devices },
      device,
      this.#slotRule,
    );
    checkBlocks(device);
    const { alias, size, virtioMem } = plugged;
    this.#devices = [...this.#devices, plugged];
    this.change((guest) =>
      virtioMem ?
        withVirtioMem(guest, { alias, size, ...virtioMem })
      : withDimm(guest, alias, size),
    );
    this.#emit({ kind: 'plugged', alias });
  }

  /** Sets the requested size of a virtio-mem device. */
  requestMemory(alias: string, requested: KiB): void {
    const device = this.#devices.find((one) => one.alias === alias);
    if (!device) {
      throw new HypervisorError('refused', `device not found: memory '${alias}' not found`);
    }
    const { model, size, virtioMem } = device;
    if (!virtioMem) {
      const reason = `Operation not supported: cannot modify memory device of model '${model}'`;
      throw new HypervisorError('unsupported', reason);
    }
    checkVirtioMem(size, { ...virtioMem, requested });
    this.change((guest) => withVirtioMemRequest(guest, alias, requested));
  }

  /** Requests a DIMM back and waits as long as libvirt does; a request without a reply stays pending. */
  detach(alias: string): Promise<void> {
    const device = this.#devices.find((one) => one.alias === alias);
    if (!device) {
      throw new HypervisorError(
        'invalid',
        `device not found: no device found with alias '${alias}'`,
      );
    }
    if (device.virtioMem) throw virtioMemStays();
    const answer = this.#waiters.wait(alias);
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
    const { guest } = this;
    return withLiveFacts(this.#xml, {
      id: this.id,
      memory: wholeMemory(guest),
      current: wholeCurrent(guest),
      period: guest.period,
      devices: this.#devices.map((device) => ({ ...device, ...virtioMemIn(guest, device.alias) })),
    });
  }

  /** The domain is saved: the guest stands still, and its emulator is gone. */
  save(): void {
    this.#saves += 1;
    this.#clocked.suspend();
    this.#waiters.endAll(notRunning());
    this.#monitor.release();
  }

  /** Goes on as it was saved, under another number. */
  restore(id: number): void {
    this.#id = id;
    this.change(withoutReport);
    this.#clocked.resume();
  }

  /** Powers off: ends the guest, and fails pending calls. */
  end(): void {
    this.#clocked.end();
    this.#waiters.endAll(notRunning());
    this.#monitor.release();
  }

  #handle(event: GuestEvent): void {
    if (event.kind === 'unplugged') {
      this.#devices = this.#devices.filter(({ alias }) => alias !== event.alias);
      this.#waiters.answer(event.alias);
    }
    if (event.kind === 'unplug-refused') {
      this.#waiters.answer(event.alias, unplugRejected());
    }
    this.#emit(event);
  }
}

/** libvirt's error for calls that need a running domain. */
export const notRunning = (): HypervisorError =>
  new HypervisorError('refused', 'Requested operation is not valid: domain is not running');

/** The virtio-mem figures of a device, as libvirt reports them; empty for any other device. */
function virtioMemIn({ virtioMems }: Guest, alias: string): Pick<MemoryDevice, 'virtioMem'> {
  const device = virtioMems.find((one) => one.alias === alias);
  if (!device) return {};
  const { block, requested, current } = device;
  return { virtioMem: { block, requested, current } };
}

const virtioMemStays = (): HypervisorError =>
  new HypervisorError(
    'unsupported',
    "internal error: unable to execute QEMU command 'device_del': virtio based memory devices cannot be unplugged",
  );

const unplugRejected = (): HypervisorError =>
  new HypervisorError('refused', 'operation failed: unplug of device was rejected by the guest');
