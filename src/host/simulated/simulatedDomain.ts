import type { Clock } from '../../common/clock.ts';
import type {
  DomainState,
  DomainSummary,
  HostEvent,
  LifecycleEvent,
  MetadataElement,
} from '../hypervisor.ts';
import { HypervisorError } from '../hypervisor.ts';
import { type Definition, started } from './definition.ts';
import { withMetadataElement, withName } from './xml.ts';
import { withShutdownRequest } from './guest/actions.ts';
import { Machine, type MachineEvent, notRunning } from './machine.ts';

/** libvirt's reasons of states: virDomain…Reason. */
const reason = {
  booted: 1,
  unpaused: 5,
  pausedByUser: 1,
  shutDown: 1,
  destroyed: 2,
  crashed: 3,
  saved: 5,
  restored: 3,
} as const;

/** libvirt's details of events: virDomainEvent…DetailType; 0 for events with one detail only. */
const detail = {
  shutdownByGuest: 1,
  shutDown: 0,
  destroyed: 1,
  saved: 4,
  failed: 5,
  restored: 2,
  renamedFrom: 1,
  renamedTo: 2,
} as const;

/** A domain's access to its host. */
export interface HostContext {
  readonly clock: Clock;
  readonly seed: number;
  readonly emit: (event: HostEvent) => void;
  /** Removes a domain that is neither defined nor running from the list. */
  readonly forget: (uuid: string) => void;
}

/** A domain: its definition, and its machine while it runs. */
export class SimulatedDomain {
  readonly uuid: string;
  readonly #host: HostContext;
  #definition: Definition;
  #isPersistent = true;
  #machine: Machine | undefined;
  #reason = 0;

  constructor(definition: Definition, host: HostContext) {
    this.uuid = definition.domain.uuid;
    this.#definition = definition;
    this.#host = host;
    this.#emit('defined');
  }

  get name(): string {
    return this.#definition.domain.name;
  }

  /** The machine while it runs or is paused, at the time of the last advance. */
  get active(): Machine | undefined {
    return this.#machine;
  }

  get state(): DomainState {
    const machine = this.active;
    if (!machine) return 'shut-off';
    return machine.isPaused ? 'paused' : 'running';
  }

  get summary(): DomainSummary {
    const { uuid, name, state } = this;
    return { uuid, name, state, reason: this.#reason };
  }

  /** Advances the guest to now, which may end the machine. */
  catchUp(): void {
    this.#machine?.catchUp();
  }

  /** Runs `work` on the machine once its monitor answers; throws `refused` if there is none. */
  async ask(work: (machine: Machine) => void | Promise<void>): Promise<void> {
    const machine = this.active;
    if (!machine) throw notRunning();
    await machine.ask(work);
  }

  redefine(definition: Definition): void {
    this.#definition = definition;
    this.#isPersistent = true;
    this.#emit('defined', 1);
  }

  /** Renames a domain that does not run; throws `refused` for one that does. */
  rename(name: string): void {
    if (this.active) {
      throw new HypervisorError(
        'refused',
        'Requested operation is not valid: cannot rename active domain',
      );
    }
    this.#emit('undefined', detail.renamedFrom);
    const { domain, xml } = this.#definition;
    this.#definition = {
      ...this.#definition,
      xml: withName(xml, name),
      domain: { ...domain, name },
    };
    this.#emit('defined', detail.renamedTo);
  }

  start(id: number, paused: boolean): void {
    const { clock, seed } = this.#host;
    const parts = started(this.#definition, { id, paused, seed, now: clock.now() });
    this.#machine = new Machine(parts, clock, (event) => {
      this.#forward(event);
    });
    this.#reason = paused ? reason.pausedByUser : reason.booted;
    this.#emit('started');
    if (paused) this.#emit('suspended');
  }

  undefine(): void {
    if (!this.#isPersistent) {
      throw new HypervisorError(
        'refused',
        'Requested operation is not valid: cannot undefine transient domain',
      );
    }
    this.#isPersistent = false;
    this.#emit('undefined');
    if (!this.#machine) this.#host.forget(this.uuid);
  }

  /** A machine whose monitor hangs cannot be ended gracefully. */
  destroy({ graceful }: { readonly graceful: boolean }): void {
    const machine = this.active;
    if (!machine) throw notRunning();
    if (graceful && machine.isHanging) {
      throw new HypervisorError(
        'failed',
        `Failed to terminate process ${String(machine.id)} with SIGTERM: Device or resource busy`,
      );
    }
    this.#stop(reason.destroyed, detail.destroyed);
  }

  shutdown(): Promise<void> {
    return this.ask((machine) => {
      machine.change(withShutdownRequest);
    });
  }

  suspend(): Promise<void> {
    return this.ask((machine) => {
      if (machine.isPaused) return;
      machine.suspend();
      this.#reason = reason.pausedByUser;
      this.#emit('suspended');
    });
  }

  resume(): Promise<void> {
    return this.ask((machine) => {
      if (!machine.isPaused) {
        throw new HypervisorError(
          'refused',
          'Requested operation is not valid: domain is already running',
        );
      }
      this.#reason = reason.unpaused;
      this.#emit('resumed');
      machine.resume();
    });
  }

  xml(): string {
    return this.active?.xml() ?? this.#definition.xml;
  }

  /** The next-run configuration, or undefined for a transient domain. */
  nextRunXml(): string | undefined {
    return this.#isPersistent ? this.#definition.xml : undefined;
  }

  /** Throws `refused` for a transient domain. */
  setNextRun(definition: Definition): void {
    this.#checkPersistent();
    this.redefine(definition);
  }

  /** Throws `refused` if the domain has no such state: live or next-run. */
  setMetadata(added: MetadataElement): void {
    const { where } = added;
    const machine = where === 'next-run' ? undefined : this.active;
    if (where === 'live' && !machine) throw notRunning();
    if (where === 'next-run') this.#checkPersistent();
    if (this.#isPersistent && where !== 'live') {
      const xml = withMetadataElement(this.#definition.xml, added);
      this.#definition = { ...this.#definition, xml };
    }
    machine?.setMetadata(added);
    this.#host.emit({ kind: 'metadata-change', uuid: this.uuid });
  }

  crash(): void {
    this.#stop(reason.crashed, detail.failed);
  }

  /** As `virsh managedsave` does; the returned function restores the run, under the number that it is given. */
  save(): (id: number) => void {
    const machine = this.#machine;
    if (!machine) throw notRunning();
    machine.save();
    this.#ended(reason.saved, detail.saved);
    return (id) => {
      this.#machine = machine;
      this.#reason = reason.restored;
      machine.restore(id);
      this.#emit('started', detail.restored);
    };
  }

  /** As by `poweroff` inside the guest. */
  shutDownFromInside(): void {
    this.#emit('shutdown', detail.shutdownByGuest);
    this.#stop(reason.shutDown, detail.shutDown);
  }

  #checkPersistent(): void {
    if (this.#isPersistent) return;
    throw new HypervisorError(
      'refused',
      'Requested operation is not valid: transient domains do not have any persistent config',
    );
  }

  #stop(why: number, how: number): void {
    if (!this.#machine) return;
    this.#machine.end();
    this.#ended(why, how);
  }

  #ended(why: number, how: number): void {
    this.#machine = undefined;
    this.#reason = why;
    this.#emit('stopped', how);
    if (!this.#isPersistent) this.#host.forget(this.uuid);
  }

  #forward(event: MachineEvent): void {
    const { uuid } = this;
    const { emit } = this.#host;
    switch (event.kind) {
      case 'balloon':
        emit({ kind: 'balloon-change', uuid, current: event.current });
        return;
      case 'virtioMem':
        emit({
          kind: 'memory-device-size-change',
          uuid,
          alias: event.alias,
          size: event.current,
        });
        return;
      case 'plugged':
        emit({ kind: 'device-added', uuid, alias: event.alias });
        return;
      case 'unplugged':
        emit({ kind: 'device-removed', uuid, alias: event.alias });
        return;
      case 'unplug-refused':
        emit({ kind: 'device-removal-failed', uuid, alias: event.alias });
        return;
      case 'rebooted':
        emit({ kind: 'reboot', uuid });
        return;
      case 'shut-down':
        this.shutDownFromInside();
    }
  }

  #emit(event: LifecycleEvent, eventDetail = 0): void {
    const { uuid, name, active } = this;
    const run = active ? { run: String(active.id) } : {};
    this.#host.emit({ kind: 'lifecycle', uuid, name, event, detail: eventDetail, ...run });
  }
}
