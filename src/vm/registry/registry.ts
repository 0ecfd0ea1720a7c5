import { randomBytes } from 'node:crypto';
import { VdsmError } from '../../common/errors.ts';
import {
  type DomainSummary,
  type HostEvent,
  HypervisorError,
  type NewRun,
} from '../../host/hypervisor.ts';
import { pause } from '../../common/clock.ts';
import { messageOf } from '../../common/messageOf.ts';
import { Milliseconds } from '../../common/units.ts';
import type { PeriodPolicy } from '../../memory/statsPeriod.ts';
import { type BuildSettings, newDomain, type VmParameters } from './creation.ts';

import { toVdsmError } from '../toVdsmError.ts';
import { observe, saveOrRetry } from '../memory/commit.ts';
import { watchBalloon } from '../memory/outsideMoves.ts';
import { watchOnline } from '../memory/onlineWatch.ts';
import { destroy } from '../actions/power.ts';
import { HungVms } from './hungVms.ts';
import { Resync, type RoundKind } from './resync.ts';
import { requireFree } from './taken.ts';
import { Unread, unreadError } from './unread.ts';
import {
  beginsRun,
  continuesRecord,
  exits,
  type RunState,
  runStateFound,
  statusAt,
} from '../status.ts';
import type { UnreadableVm } from '../unreadableVm.ts';
import { rebooted, restored, resume, resumeLost } from '../memory/resume.ts';
import { followEvent } from './deviceEvents.ts';
import { PeriodKeeper } from '../actions/statsPeriod.ts';
import { plausible } from '../plausible.ts';
import { Vm, type VmParts } from '../vm.ts';
import { causeOf, logFailure, saysGone } from '../logFailure.ts';

export interface RegistryOptions extends Omit<VmParts, 'writer'> {
  /** Returns the settings for new domains, some of which the hypervisor knows. */
  readonly build: () => Promise<BuildSettings>;
  readonly maxVms: number;
  readonly period: PeriodPolicy;
}

/** The VMs of this host, created by vmemd or adopted. All its state is read from the hypervisor. */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #parts: VmParts;
  readonly #vms = new Map<string, Vm>();
  /** Domains that are being adopted, by UUID. */
  readonly #adoptions = new Map<string, Promise<void>>();
  readonly #periods: PeriodKeeper;
  readonly #resync: Resync;
  readonly #hungVms = new HungVms();
  readonly #unread: Unread;
  /** Domains with a lifecycle event since the present listing began, which may be older than the event. */
  #touched = new Set<string>();
  /** Domains that were seen to start before they are adopted. */
  readonly #started = new Set<string>();
  #ready = false;
  #stopListening: () => void = () => undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#parts = { ...options, writer: randomBytes(4).toString('hex') };
    this.#periods = new PeriodKeeper(options.period);
    const { clock, log } = options;
    this.#resync = new Resync({ clock, log, round: (kind) => this.#sync(kind) });
    this.#unread = new Unread(clock, () => {
      this.#resync.request('unread');
    });
  }

  /** Reads every VM from the hypervisor and listens to its events; can be called again after a failure. */
  async start(): Promise<void> {
    this.#stopListening();
    this.#stopListening = this.#options.hypervisor.listen((event) => {
      this.#take(event).catch((error: unknown) => {
        this.#failed(event, error);
      });
    });
    await this.#resync.start();
    this.#ready = true;
  }

  /** Stops listening to the hypervisor; the VMs keep running. */
  stop(): void {
    this.#resync.stop();
    this.#unread.stop();
    this.#stopListening();
    for (const vm of this.#vms.values()) vm.stop();
  }

  /** Ends all waits for guests; the waiting requests return the present state. */
  endWaits(): void {
    for (const { operations } of this.#vms.values()) operations.endWaits();
  }

  /** Whether the VMs are known; until then requests for them fail with Recovering. */
  get isReady(): boolean {
    return this.#ready;
  }

  /** The age from which a VM's newest sample means that the VM does not respond. */
  get staleAfter(): Milliseconds {
    return this.#options.timeout;
  }

  /** Returns every VM; throws Recovering until they are known. */
  list(): Vm[] {
    this.#requireReady();
    return [...this.#vms.values()];
  }

  /** Returns the running domains that are not among the VMs because they could not be read. */
  unreadable(): UnreadableVm[] {
    this.#requireReady();
    const { clock } = this.#options;
    return [...this.#unread]
      .filter(({ domain }) => !this.#vms.has(domain.uuid) && isRunning(domain))
      .map(({ domain: { uuid: id, name, state, reason: cause }, reason }) => {
        const status = statusAt(runStateFound(state, cause), clock.now());
        return { id, name, status, clock, reason };
      });
  }

  /** Returns the VM with this id, ignoring case; undefined if it is not known. */
  find(id: string): Vm | undefined {
    return this.#vms.get(id.toLowerCase());
  }

  /**
   * Returns the VM with this id, ignoring case; throws NoSuchVM, UnexpectedError for a domain that cannot be read, or
   * Recovering until VMs are known.
   */
  get(id: string): Vm {
    this.#requireReady();
    const vm = this.find(id);
    if (vm) return vm;
    const unread = this.#unread.get(id.toLowerCase());
    if (unread) throw unreadError(unread);
    throw new VdsmError('NoSuchVM', `${id} is not the id of a VM on this host`);
  }

  /**
   * Adds a new VM and starts it in the background, once libvirt has its definition: a crash loses no VM that a client
   * was told of. Throws VMExists, CannotCreateVM or GeneralException.
   */
  async create(id: string, parameters: VmParameters): Promise<Vm> {
    this.#requireReady();
    const settings = await this.#options.build().catch(toVdsmError('CannotCreateVM'));
    const { xml, paused } = newDomain(id, parameters, settings);
    const vm = new Vm(this.#parts, xml, { phase: 'launching' });
    // A definition would replace a domain of the same UUID, and the registry does not know every domain.
    const found = await this.#options.hypervisor.listDomains().catch(toVdsmError('CannotCreateVM'));
    this.#add(vm, found);
    await this.#launch(vm, paused);
    return vm;
  }

  /** Checks and adds without a pause between, so that only the first of two requests for one id succeeds. */
  #add(vm: Vm, found: readonly DomainSummary[]): void {
    const { maxVms } = this.#options;
    const vms = this.list().map((one) => ({
      uuid: one.id,
      name: one.domain.name,
      isDown: one.exit !== undefined,
      isVm: true,
    }));
    const others = found.map((one) => ({ ...one, isDown: !isRunning(one), isVm: false }));
    requireFree({ id: vm.id, name: vm.domain.name }, [...vms, ...others]);
    if (vms.length >= maxVms) {
      throw new VdsmError('NotEnoughResources', `this host takes ${String(maxVms)} VMs at most`);
    }
    this.#vms.set(vm.id, vm);
    vm.report();
  }

  /** Fulfils when the domain is defined, or when that has failed; the VM is started in the background. */
  #launch(vm: Vm, paused: boolean): Promise<void> {
    return new Promise((onDefined) => {
      this.#start(vm, { paused, onDefined }).catch(async (error: unknown) => {
        const reason = messageOf(error);
        this.#options.log.warn({ vmId: vm.id, reason }, 'the VM could not be started');
        onDefined();
        // The client hears that it is Down after the response to its request.
        await pause(vm.clock, Milliseconds(0));
        vm.failedToLaunch(reason);
      });
    });
  }

  #start(vm: Vm, how: NewRun): Promise<void> {
    const { hypervisor, log } = this.#options;
    return vm.queue.run(async (options) => {
      const { state } = await hypervisor.createDomain(vm.xml, how, options);
      await vm.read(options).catch((error: unknown) => {
        log[saysGone(error) ? 'debug' : 'warn'](
          { vmId: vm.id, ...causeOf(error) },
          'the new VM could not be read',
        );
      });
      vm.launched(state === 'paused');
      await saveOrRetry(vm, options);
    });
  }

  /** Destroys a VM and removes it from the registry; throws NoSuchVM or DestroyError. */
  async destroy(id: string, gracefully: boolean): Promise<void> {
    const vm = this.get(id);
    await destroy(vm, gracefully);
    vm.enter({ phase: 'down', exit: exits.adminShutdown });
    this.#remove(vm);
  }

  #remove(vm: Vm): void {
    vm.close();
    this.#vms.delete(vm.id);
  }

  /** Samples all VMs once; throws HypervisorError. */
  async sample(): Promise<void> {
    try {
      const { hypervisor, clock } = this.#options;
      const askedAt = clock.now();
      for (const [id, reported] of await hypervisor.sampleAll()) {
        const vm = this.#vms.get(id);
        if (!vm) continue;
        const sample = plausible(reported, vm.mostMemory);
        if (vm.showsReboot(sample)) rebooted(vm);
        vm.recordSample(sample, askedAt);
      }
      for (const vm of this.#vms.values()) {
        this.#periods.watch(vm);
        watchOnline(vm);
        watchBalloon(vm);
      }
    } finally {
      // Statistics become stale also while sampling fails.
      for (const vm of this.#vms.values()) vm.report();
      this.#hungVms.report(this.#vms.values());
    }
  }

  #requireReady(): void {
    if (!this.#ready) throw new VdsmError('Recovering', 'the VMs are not known yet; try again');
  }

  /** Compares VMs with the hypervisor's domains and corrects them; returns whether no event interfered. */
  async #sync(kind: RoundKind): Promise<boolean> {
    this.#touched = new Set();
    const domains = await this.#options.hypervisor.listDomains();
    const touched = this.#touched;
    const found = new Set(domains.map(({ uuid }) => uuid));
    for (const vm of this.#vms.values()) {
      if (vm.isAlive && !found.has(vm.id) && !touched.has(vm.id)) {
        this.#end(vm, { phase: 'down', exit: exits.missing });
      }
    }
    this.#unread.keep(found);
    const met = domains.filter(({ uuid }) => {
      const isWanted = kind !== 'unread' || this.#unread.get(uuid) !== undefined;
      return isWanted && this.#unread.isDue(uuid) && !touched.has(uuid);
    });
    await Promise.all(met.map((domain) => this.#meet(domain, kind !== 'quick')));
    return touched.size === 0;
  }

  /** Adopts an unknown domain, or corrects a known VM; a domain that cannot be read is tried again by itself. */
  async #meet(domain: DomainSummary, isThorough: boolean): Promise<void> {
    const { uuid, name } = domain;
    const runState = runStateFound(domain.state, domain.reason);
    const vm = this.#vms.get(uuid);
    try {
      if (vm) await this.#correct(vm, domain, runState, isThorough);
      else await this.#adoptOnce(domain, runState);
      this.#unread.delete(uuid);
    } catch (error) {
      const hasEnded = saysGone(error);
      if (hasEnded && !vm) {
        this.#unread.delete(uuid);
        return;
      }
      if (!this.#unread.add(domain, error)) return;
      const facts = { vmId: uuid, name, ...causeOf(error) };
      this.#options.log[hasEnded ? 'debug' : 'warn'](facts, 'a domain could not be read');
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
    if (isWrong || isThorough) this.#periods.heal(vm);
  }

  async #adoptOnce(domain: DomainSummary, runState: RunState): Promise<void> {
    const { uuid } = domain;
    const adoption = this.#adopt(domain, runState).finally(() => this.#adoptions.delete(uuid));
    this.#adoptions.set(uuid, adoption);
    await adoption;
  }

  async #adopt({ uuid, name }: DomainSummary, runState: RunState): Promise<void> {
    const { hypervisor, log } = this.#options;
    const vm = new Vm(this.#parts, await hypervisor.domainXml(uuid), runState);
    // Another program's domain is adopted only while it runs.
    if ((vm.isExternal && !vm.isAlive) || this.#vms.has(uuid)) return;
    this.#vms.set(uuid, vm);
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
      this.#periods.heal(vm);
    }
  }

  /** Enters a run state; a VM of another program that is Down is removed. */
  #end(vm: Vm, runState: RunState): void {
    vm.enter(runState);
    if (runState.phase === 'down' && vm.isExternal) this.#remove(vm);
  }

  async #take(event: HostEvent): Promise<void> {
    switch (event.kind) {
      case 'reconnected':
        for (const vm of this.#vms.values()) vm.samples.forgetBalloon();
        this.#resync.request('thorough');
        return;
      case 'disconnected':
        this.#options.log.warn(
          { reason: event.reason },
          'the connection to the hypervisor is lost',
        );
        return;
      case 'lifecycle':
        return this.#lifecycle(event);
      default: {
        this.#unread.hasten(event.uuid);
        const vm = this.#vms.get(event.uuid);
        if (vm) await followEvent(vm, event);
      }
    }
  }

  /** An event can come too late for its VM, or find it hung; anything else is a bug. */
  #failed(event: HostEvent, error: unknown): void {
    const { log } = this.#options;
    const text = 'an event of the hypervisor was not handled';
    const id = 'uuid' in event ? event.uuid : '';
    const vm = this.#vms.get(id) ?? { id, isAlive: false, log };
    const level = error instanceof HypervisorError ? 'warn' : 'error';
    logFailure(vm, error, { text, level, facts: { event } });
  }

  async #lifecycle(event: Extract<HostEvent, { kind: 'lifecycle' }>): Promise<void> {
    this.#touched.add(event.uuid);
    this.#unread.hasten(event.uuid);
    // The VM of a domain that is being adopted gets this event too.
    await this.#adoptions.get(event.uuid)?.catch(() => undefined);
    const vm = this.#vms.get(event.uuid);
    if (!vm) {
      if (event.event !== 'started') return;
      this.#started.add(event.uuid);
      this.#resync.request('quick');
      return;
    }
    if (event.event === 'defined' && !vm.isAlive) vm.rename(event.name);
    vm.observe(event);
    if (vm.exit && vm.isExternal) this.#remove(vm);
    if (!beginsRun(event.event, event.detail) || vm.isLaunching) return;
    if (continuesRecord(event.detail)) restored(vm);
    else await vm.queue.run((options) => observe(vm, options));
    this.#periods.heal(vm);
  }
}

const isRunning = ({ state }: DomainSummary): boolean =>
  state !== 'shut-off' && state !== 'crashed';
