import type { Logger } from 'pino';
import type { Clock } from '../../common/clock.ts';
import {
  type DomainSummary,
  type HostEvent,
  type Hypervisor,
  HypervisorError,
} from '../../host/hypervisor.ts';
import type { PeriodKeeper } from '../actions/statsPeriod.ts';
import { causeOf, logFailure, saysGone } from '../logFailure.ts';
import { observe, observeNow } from '../memory/commit.ts';
import { restoreAccepted } from '../memory/lateLooks.ts';
import { restored, resume, resumeLost } from '../memory/resume.ts';
import { beginsRun, continuesRecord, exits, type RunState, runStateFound } from '../status.ts';
import type { Vm } from '../vm.ts';
import { followEvent } from './deviceEvents.ts';
import { Resync, type RoundKind } from './resync.ts';
import { Unread } from './unread.ts';
import type { VmMap } from './vmMap.ts';

export interface DomainWatchParts {
  readonly hypervisor: Hypervisor;
  readonly clock: Clock;
  readonly log: Logger;
  readonly vms: VmMap;
  readonly newVm: (xml: string, runState: RunState) => Vm;
  readonly periods: PeriodKeeper;
}

/** Keeps the VMs equal to the hypervisor's domains, by its events and by listing the domains. */
export class DomainWatch {
  readonly #parts: DomainWatchParts;
  readonly #resync: Resync;
  /** Domains that could not be read. */
  readonly unread: Unread;
  /** Domains that are being adopted, by UUID. */
  readonly #adoptions = new Map<string, Promise<void>>();
  /** Domains with a lifecycle event since the present listing began, which may be older than the event. */
  #touched = new Set<string>();
  /** Domains that were seen to start before they are adopted. */
  readonly #started = new Set<string>();
  #stopListening: () => void = () => undefined;

  constructor(parts: DomainWatchParts) {
    this.#parts = parts;
    const { clock, log } = parts;
    this.#resync = new Resync({ clock, log, round: (kind) => this.#sync(kind) });
    this.unread = new Unread(clock, () => {
      this.#resync.request('unread');
    });
  }

  /** Reads every domain and listens to events; can be called again after a failure. */
  async start(): Promise<void> {
    this.#stopListening();
    this.#stopListening = this.#parts.hypervisor.listen((event) => {
      this.#take(event).catch((error: unknown) => {
        this.#failed(event, error);
      });
    });
    await this.#resync.start();
  }

  stop(): void {
    this.#resync.stop();
    this.unread.stop();
    this.#stopListening();
  }

  /** Compares VMs with the hypervisor's domains and corrects them; returns whether no event interfered. */
  async #sync(kind: RoundKind): Promise<boolean> {
    this.#touched = new Set();
    const domains = await this.#parts.hypervisor.listDomains();
    const touched = this.#touched;
    const found = new Set(domains.map(({ uuid }) => uuid));
    for (const vm of this.#parts.vms.values()) {
      if (vm.isAlive && !found.has(vm.id) && !touched.has(vm.id)) {
        this.#end(vm, { phase: 'down', exit: exits.missing });
      }
    }
    this.unread.keep(found);
    const met = domains.filter(({ uuid }) => {
      const isWanted = kind !== 'unread' || this.unread.get(uuid) !== undefined;
      return isWanted && this.unread.isDue(uuid) && !touched.has(uuid);
    });
    await Promise.all(met.map((domain) => this.#meet(domain, kind !== 'quick')));
    return touched.size === 0;
  }

  /** Adopts an unknown domain, or corrects a known VM; a domain that cannot be read is tried again by itself. */
  async #meet(domain: DomainSummary, isThorough: boolean): Promise<void> {
    const { uuid, name } = domain;
    const runState = runStateFound(domain.state, domain.reason);
    const vm = this.#parts.vms.get(uuid);
    try {
      if (vm) await this.#correct(vm, domain, runState, isThorough);
      else await this.#adoptOnce(domain, runState);
      this.unread.delete(uuid);
    } catch (error) {
      const hasEnded = saysGone(error);
      if (hasEnded && !vm) {
        this.unread.delete(uuid);
        return;
      }
      if (!this.unread.add(domain, error)) return;
      const facts = { vmId: uuid, name, ...causeOf(error) };
      this.#parts.log[hasEnded ? 'debug' : 'warn'](facts, 'a domain could not be read');
    }
  }

  async #correct(
    vm: Vm,
    { name }: DomainSummary,
    runState: RunState,
    isThorough: boolean,
  ): Promise<void> {
    if (vm.isLaunching) return;
    // Before any await: later events are newer than the list.
    const isWrong = vm.phase !== runState.phase;
    if (isWrong) this.#end(vm, runState);
    if (!vm.isAlive) {
      vm.rename(name);
      return;
    }
    // Some device changes raise no event, and events during a lost connection are missed.
    vm.marks.forgetWrites();
    await vm.queue.run((options) => observe(vm, options));
    resumeLost(vm);
    restoreAccepted(vm);
    if (isWrong || isThorough) this.#parts.periods.heal(vm);
  }

  async #adoptOnce(domain: DomainSummary, runState: RunState): Promise<void> {
    const { uuid } = domain;
    const adoption = this.#adopt(domain, runState).finally(() => this.#adoptions.delete(uuid));
    this.#adoptions.set(uuid, adoption);
    await adoption;
  }

  async #adopt({ uuid, name }: DomainSummary, runState: RunState): Promise<void> {
    const { hypervisor, log } = this.#parts;
    const vm = this.#parts.newVm(await hypervisor.domainXml(uuid), runState);
    // Another program's domain is adopted only while it runs.
    if ((vm.isExternal && !vm.isAlive) || this.#parts.vms.has(uuid)) return;
    this.#parts.vms.set(uuid, vm);
    if (this.#started.delete(uuid)) vm.balloonWatch.begin();
    log.info({ vmId: uuid, name, external: vm.isExternal }, 'a VM was found');
    vm.report();
    if (!vm.isAlive) return;
    try {
      if (vm.operations.operations.length > 0) {
        await vm.queue.run((options) => observe(vm, options));
      }
    } finally {
      resume(vm);
      this.#parts.periods.heal(vm);
    }
  }

  /** Enters a run state; a VM of another program that is Down is removed. */
  #end(vm: Vm, runState: RunState): void {
    vm.enter(runState);
    if (runState.phase === 'down' && vm.isExternal) this.#parts.vms.remove(vm);
  }

  async #take(event: HostEvent): Promise<void> {
    switch (event.kind) {
      case 'reconnected':
        for (const vm of this.#parts.vms.values()) vm.samples.forgetBalloon();
        this.#resync.request('thorough');
        return;
      case 'disconnected':
        this.#parts.log.warn({ reason: event.reason }, 'the connection to the hypervisor is lost');
        return;
      case 'lifecycle':
        return this.#lifecycle(event);
      default: {
        this.unread.hasten(event.uuid);
        const vm = this.#parts.vms.get(event.uuid);
        if (vm) await followEvent(vm, event);
      }
    }
  }

  /** An event can come too late for its VM, or find it hung; anything else is a bug. */
  #failed(event: HostEvent, error: unknown): void {
    const { log } = this.#parts;
    const text = 'an event of the hypervisor was not handled';
    const id = 'uuid' in event ? event.uuid : '';
    const vm = this.#parts.vms.get(id) ?? { id, isAlive: false, log };
    const level = error instanceof HypervisorError ? 'warn' : 'error';
    logFailure(vm, error, { text, level, facts: { event } });
  }

  async #lifecycle(event: Extract<HostEvent, { kind: 'lifecycle' }>): Promise<void> {
    this.#touched.add(event.uuid);
    this.unread.hasten(event.uuid);
    // The VM of a domain that is being adopted gets this event too.
    await this.#adoptions.get(event.uuid)?.catch(() => undefined);
    const vm = this.#parts.vms.get(event.uuid);
    if (!vm) {
      if (event.event !== 'started') return;
      this.#started.add(event.uuid);
      this.#resync.request('quick');
      return;
    }
    if (event.event === 'defined' && !vm.isAlive) vm.rename(event.name);
    vm.observe(event);
    if (vm.exit && vm.isExternal) this.#parts.vms.remove(vm);
    if (!beginsRun(event.event, event.detail) || vm.isLaunching) return;
    if (continuesRecord(event.detail)) restored(vm);
    else observeNow(vm);
    this.#parts.periods.heal(vm);
  }
}
