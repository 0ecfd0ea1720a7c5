import { randomBytes } from 'node:crypto';
import { VdsmError } from '../../common/errors.ts';
import type { DomainSummary } from '../../host/hypervisor.ts';
import type { PeriodPolicy } from '../../memory/statsPeriod.ts';
import { destroy } from '../actions/power.ts';
import { PeriodKeeper } from '../actions/statsPeriod.ts';
import { watchLateCalls } from '../memory/lateLooks.ts';
import { watchOnline } from '../memory/onlineWatch.ts';
import { watchBalloon } from '../memory/outsideMoves.ts';
import { rebooted } from '../memory/resume.ts';
import { plausible } from '../plausible.ts';
import { exits, runStateFound, statusAt } from '../status.ts';
import { toVdsmError } from '../toVdsmError.ts';
import type { UnreadableVm } from '../unreadableVm.ts';
import { Vm, type VmParts } from '../vm.ts';
import { type Admit, Waiting } from './admission.ts';
import { type Author, type BuildSettings, newDomain, type VmParameters } from './creation.ts';
import { DomainWatch } from './domainWatch.ts';
import { HungVms } from './hungVms.ts';
import { launch } from './launch.ts';
import { requireFree } from './taken.ts';
import { unreadError } from './unread.ts';
import { VmMap } from './vmMap.ts';

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
  readonly #vms = new VmMap();
  readonly #periods: PeriodKeeper;
  readonly #watch: DomainWatch;
  readonly #hungVms = new HungVms();
  readonly #waiting = new Waiting();
  #admit: Admit = (_, create) => create();
  #ready = false;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#parts = { ...options, writer: randomBytes(4).toString('hex') };
    this.#periods = new PeriodKeeper(options.period);
    this.#watch = new DomainWatch({
      ...options,
      vms: this.#vms,
      newVm: (xml, runState) => new Vm(this.#parts, xml, runState),
      periods: this.#periods,
    });
  }

  /** Has new VMs admitted by `admit` from now on; until then all are. */
  admitBy(admit: Admit): void {
    this.#admit = admit;
  }

  /** Reads every VM from the hypervisor and listens to its events; can be called again after a failure. */
  async start(): Promise<void> {
    await this.#watch.start();
    this.#ready = true;
  }

  /** Stops listening to the hypervisor; the VMs keep running. */
  stop(): void {
    this.#watch.stop();
    for (const vm of this.#vms.values()) vm.stop();
  }

  /** Ends all waits for guests, also those that begin later; the waiting requests return the present state. */
  endWaits(): void {
    for (const { operations } of this.#vms.values()) operations.stopWaits();
  }

  /** Whether the VMs are known; until then requests for them fail with Recovering. */
  get isReady(): boolean {
    return this.#ready;
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
    return [...this.#watch.unread]
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
    const unread = this.#watch.unread.get(id.toLowerCase());
    if (unread) throw unreadError(unread);
    throw new VdsmError('NoSuchVM', `${id} is not the id of a VM on this host`);
  }

  /**
   * Adds a new VM, fulfils once libvirt has its definition, and starts it in the background: after a crash every VM that
   * a client got a response for exists. Throws VMExists, CannotCreateVM, GeneralException, or what refuses its admission.
   */
  async create(id: string, parameters: VmParameters, author: Author): Promise<Vm> {
    this.#requireReady();
    const settings = await this.#options.build().catch(toVdsmError('CannotCreateVM'));
    const { xml, paused } = newDomain(id, parameters, settings, author);
    const vm = new Vm(this.#parts, xml, { phase: 'launching' });
    // A definition would replace a domain of the same UUID, and the registry does not know every domain.
    const found = await this.#options.hypervisor.listDomains().catch(toVdsmError('CannotCreateVM'));
    this.#requireFree(vm, found);
    await this.#waiting.during(vm, () => this.#admit(vm, () => this.#add(vm)));
    await launch(vm, paused);
    return vm;
  }

  /** Throws VMExists or NotEnoughResources; without a pause before it is added or waits, only one VM gets an id. */
  #requireFree(vm: Vm, found: readonly DomainSummary[]): void {
    const { maxVms } = this.#options;
    const vms = this.list().map((one) => ({
      uuid: one.id,
      name: one.domain.name,
      isDown: one.exit !== undefined,
      isVm: true,
    }));
    const others = found.map((one) => ({ ...one, isDown: !isRunning(one), isVm: false }));
    const holders = [...vms, ...this.#waiting.holders(), ...others];
    requireFree({ id: vm.id, name: vm.domain.name }, holders);
    if (vms.length + this.#waiting.size >= maxVms) {
      throw new VdsmError('NotEnoughResources', `this host takes ${String(maxVms)} VMs at most`);
    }
  }

  #add(vm: Vm): Promise<void> {
    this.#vms.set(vm.id, vm);
    this.#waiting.leave(vm);
    vm.report();
    return Promise.resolve();
  }

  /** Destroys a VM and removes it from the registry; throws NoSuchVM or DestroyError. */
  async destroy(id: string, gracefully: boolean): Promise<void> {
    const vm = this.get(id);
    await destroy(vm, gracefully);
    vm.enter({ phase: 'down', exit: exits.adminShutdown });
    this.#vms.remove(vm);
  }

  /** Samples all VMs once; throws HypervisorError. */
  async sample(): Promise<void> {
    try {
      const { hypervisor, clock } = this.#options;
      const askedAt = clock.now();
      const isUnsettled = (id: string): boolean => this.#vms.get(id)?.isBalloonUnsettled ?? false;
      for (const [id, reported] of await hypervisor.sampleAll({ isUnsettled })) {
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
        watchLateCalls(vm);
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
}

const isRunning = ({ state }: DomainSummary): boolean =>
  state !== 'shut-off' && state !== 'crashed';
