import type { Logger } from 'pino';
import type { Context, Services } from '../../src/api/context.ts';
import { type ErrorName, VdsmError } from '../../src/common/errors.ts';
import { HostReport } from '../../src/host/report/hostReport.ts';
import { readOnly } from '../../src/host/readOnly.ts';
import type { Hypervisor } from '../../src/host/hypervisor.ts';
import { createSimulatedHost } from '../../src/host/simulated/simulatedHost.ts';
import type { PressureReader } from '../../src/host/pressure/pressureReader.ts';
import type { PolicyLoop } from '../../src/policy/loop/policyLoop.ts';
import type { PolicySettings } from '../../src/policy/loop/settings.ts';
import { emptyBook } from '../../src/policy/reservations/book.ts';
import { SimulatedProcfs } from '../../src/host/simulated/simulatedProcfs.ts';
import type { Reservations } from '../../src/policy/reservations/reservations.ts';
import { Mom } from '../../src/policy/mom/mom.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { loadVerbs } from '../../src/api/loadVerbs.ts';
import { complaint, validator } from '../../src/common/validate.ts';
import { validateResult, type Verb } from '../../src/api/verb.ts';
import { wireEvent } from '../../src/vm/report/wireEvents.ts';
import type { Registry } from '../../src/vm/registry/registry.ts';
import type { Vm } from '../../src/vm/vm.ts';
import type { VmEvent } from '../../src/vm/vmEvent.ts';
import memoryEvent from '../../schema/events/VM_memory.ts';
import statusEvent from '../../schema/events/VM_status.ts';
import { KeptFile } from './keptFile.ts';
import { createRequest, recorder } from './call.ts';
import { never, withFaults } from './faults.ts';
import { type KillPoint, type Lifetime, lifetime } from './lifetime.ts';
import { procfs } from './procfs.ts';
import { aheadOf, VirtualClock } from './virtualClock.ts';
import type { Another, Seam, Told, WorldOptions } from './worldOptions.ts';
import {
  newOverview,
  newPolicy,
  newRegistry,
  newReservations,
  pressureOf,
} from './worldServices.ts';

/** The id of the n-th VM of a test. */
export const idOf = (n: number): string =>
  `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

/** Params of a VM of 1 GiB, half of it guaranteed, that can grow to 4 GiB in 16 slots. */
export const parameters = (n = 1, changes: object = {}) => ({
  vmName: `vm${String(n)}`,
  memSize: 1024,
  memGuaranteedSize: 512,
  maxMemSize: 4096,
  maxMemSlots: 16,
  smp: 2,
  ...changes,
});

/** More calls at one moment never end. */
const MOST_CALLS_AT_ONCE = 20_000;

// Errors that any verb may answer, as any method of JSON-RPC may.
const ANY: readonly ErrorName[] = ['InvalidParams', 'Recovering', 'UnexpectedError'];

/**
 * vmemd without its transport on a simulated host, in a time of its own. Whatever a verb answers and whatever is
 * published has to keep its contract, or the test fails.
 */
export class World {
  readonly clock = new VirtualClock();
  readonly host;
  readonly faults;
  readonly calls;
  readonly failAt;
  /** When each operation of the hypervisor was called last, on the clock. */
  readonly calledAt = new Map<string, number>();
  readonly told: Told[] = [];
  readonly lines: readonly Record<string, unknown>[];
  readonly log: Logger;
  vms: Registry;
  reservations: Reservations;
  /** What is kept of reservations over a restart. */
  readonly book = new KeptFile(emptyBook);
  /** What clients have set of the policy. */
  readonly settings = new KeptFile<PolicySettings | undefined>(undefined);
  readonly mom: Mom;
  readonly #verbs: ReadonlyMap<string, Verb>;
  #options: WorldOptions;
  readonly #hypervisor;
  readonly #onTimer: Seam['onTimer'];
  #life: Lifetime;
  #broken: Error | undefined;
  #callsNow = 0;
  #report: HostReport | undefined;
  #pressure: PressureReader | undefined;
  #policy: { vms: Registry; loop: PolicyLoop } | undefined;
  #overview: (Pick<Services, 'overview' | 'history' | 'trail'> & { vms: Registry }) | undefined;

  private constructor(verbs: ReadonlyMap<string, Verb>, options: WorldOptions) {
    const { seed = 1, hostMemory: memory } = options;
    this.host = createSimulatedHost({ clock: this.clock, seed, ...(memory && { memory }) });
    const seam = options.between?.(this.host, this.clock) ?? { hypervisor: this.host };
    this.#onTimer = seam.onTimer;
    ({
      hypervisor: this.#hypervisor,
      faults: this.faults,
      calls: this.calls,
      failAt: this.failAt,
    } = withFaults(seam.hypervisor, (operation) => this.#noteCall(operation)));
    ({ lines: this.lines, log: this.log } = recorder());
    this.#verbs = verbs;
    this.#options = options;
    this.#life = lifetime(this.clock, this.#hypervisor, this.#onTimer);
    this.vms = this.#registry();
    this.reservations = this.#newReservations();
    const { clock, log } = this;
    this.mom = new Mom({ clock, log, ...(options.mom && { client: options.mom }) });
  }

  /** Stops vmemd where it calls the hypervisor for ever without any time going by. */
  #noteCall(operation: string): Promise<never> | undefined {
    const now = this.clock.now();
    this.#callsNow = this.calledAt.get(operation) === now ? this.#callsNow + 1 : 0;
    this.calledAt.set(operation, now);
    if (this.#callsNow < MOST_CALLS_AT_ONCE) return undefined;
    this.#broken ??= new Error(`vmemd calls ${operation} again and again`);
    return never();
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    const world = new World(await loadVerbs(), options);
    await world.host.open();
    await world.vms.start();
    await world.reservations.start();
    return world;
  }

  get verbs(): ReadonlyMap<string, Verb> {
    return this.#verbs;
  }

  /** As if vmemd had been killed and started again, with other settings maybe: all that it knew is gone. */
  async restart(changes: Partial<WorldOptions> = {}): Promise<void> {
    this.kill();
    this.#options = { ...this.#options, ...changes };
    this.#life = lifetime(this.clock, this.#hypervisor, this.#onTimer);
    this.vms = this.#registry();
    this.reservations = this.#newReservations();
    await this.vms.start();
    await this.reservations.start();
  }

  /** As if vmemd had been killed: nothing that it was doing is carried on, and no call answered. */
  kill(): void {
    this.vms.stop();
    this.#life.kill(new VdsmError('Recovering', 'vmemd is being restarted'));
  }

  /** As if vmemd were killed at that call of the hypervisor. */
  killAt(point: KillPoint): void {
    const life = this.#life;
    life.killAt(point, () => {
      if (!life.isOver) this.kill();
    });
  }

  /** Whether vmemd has been killed and not been started again. */
  get isDead(): boolean {
    return this.#life.isOver;
  }

  /** Another vmemd on the same host, whose wall clock is `ahead` of the world's. */
  async another(ahead = Milliseconds(0)): Promise<Another> {
    const life = lifetime(aheadOf(this.clock, ahead), this.#hypervisor);
    const told: Told[] = [];
    const vms = this.#registry(life, told);
    await vms.start();
    return {
      told,
      call: (method, params) => this.call(method, params, { vms, flowId: 'other' }),
      sample: () => vms.sample(),
      kill: () => {
        vms.stop();
        life.kill(new VdsmError('Recovering', 'the other vmemd was killed'));
      },
    };
  }

  /** A registry that has not been started. */
  #registry(life = this.#life, told = this.told): Registry {
    return newRegistry(this.#options, {
      hypervisor: readOnlyIf(this.#options.readOnly, life.hypervisor),
      clock: life.clock,
      log: this.log,
      emit: (vm, news) => {
        if (life.isOver) return;
        const published = this.#published(vm, news);
        told.push(published);
        if (told === this.told) this.#options.hear?.(published);
      },
    });
  }

  #published(vm: Vm, news: VmEvent): Told {
    const { method, params } = wireEvent(vm, news);
    const keeps = validator(news.kind === 'status' ? statusEvent.params : memoryEvent.params)();
    const asSent = JSON.parse(JSON.stringify(params)) as Told['params'];
    if (!keeps(asSent)) this.#broken ??= new TypeError(`${method}: ${complaint(keeps)}`);
    const told = { method, params: asSent };
    return told;
  }

  /** Reads how much memory the simulated host has left. */
  simulatedPressure(): PressureReader {
    return pressureOf(this.host, new SimulatedProcfs(this.host, this.clock), this, 'none');
  }

  #newReservations(): Reservations {
    const { vms, log, book } = this;
    const { readOnly: isReadOnly = false, isAdmitting = false } = this.#options;
    return newReservations({
      vms,
      log,
      isReadOnly,
      isAdmitting,
      host: this.simulatedPressure(),
      clock: this.#life.clock,
      file: book.of(this.#life),
      isLoopActing: () => this.policy.settings.mode === 'act' && !this.policy.obstacle,
    });
  }

  /** Reads how much memory the host has left, from files that are made up. */
  get pressure(): PressureReader {
    return (this.#pressure ??= pressureOf(this.host, procfs(), this));
  }

  /** The loop of this life of vmemd, off until a test turns it on; a test starts it. */
  get policy(): PolicyLoop {
    const { vms, log, mom, pressure: host } = this;
    if (this.#policy?.vms !== vms) {
      const { hypervisor, clock } = this.#life;
      const { settings } = this;
      const loop = newPolicy({
        vms,
        hypervisor: readOnlyIf(this.#options.readOnly, hypervisor),
        host,
        mom,
        clock,
        log,
        held: () => this.reservations.held,
        isReserving: (id) => this.reservations.isAsked(id),
        ...(settings.value && { settings: settings.value }),
        keep: (next) =>
          settings
            .of(this.#life)
            .write(next)
            .catch((error: unknown) => {
              log.warn({ err: error }, 'the settings of the policy could not be written');
            }),
        ...this.#options.policy,
      });
      this.#policy = { vms, loop };
    }
    return this.#policy.loop;
  }

  /** What shows this life of vmemd at a glance; a test records history itself. */
  get #shown() {
    const { vms, clock, policy, mom, reservations, host: hypervisor } = this;
    if (this.#overview?.vms !== vms) {
      const pressure = this.simulatedPressure();
      const parts = { vms, hypervisor, pressure, reservations, clock, policy, mom };
      this.#overview = { vms, ...newOverview(parts) };
    }
    return this.#overview;
  }

  /** What handlers work with; the host's own files are made up. */
  get services(): Services {
    this.#report ??= new HostReport(this.#hypervisor, procfs());
    return {
      vms: this.vms,
      host: this.#report,
      mom: this.mom,
      policy: this.policy,
      ksm: { pin: () => undefined },
      reservations: this.reservations,
      overview: this.#shown.overview,
      history: this.#shown.history,
      trail: this.#shown.trail,
      openrpc: { openrpc: '1.3.2' },
      rootLog: this.log,
    };
  }

  /** Calls a verb as a client does, and answers what the client would read. */
  async call(
    method: string,
    params: unknown = {},
    context: Partial<Context> = {},
  ): Promise<unknown> {
    // Nobody would hear of it where events are published.
    if (this.#broken) throw this.#broken;
    const verb = this.#verbs.get(method);
    if (!verb) throw new Error(`there is no verb ${method}`);
    try {
      const answer = verb.call(params, { ...this.services, ...createRequest(), ...context });
      const result = await Promise.race([this.#life.over, answer]);
      validateResult(verb.contract, result);
      return JSON.parse(JSON.stringify(result)) as unknown;
    } catch (error) {
      if (error instanceof VdsmError && ![...verb.contract.errors, ...ANY].includes(error.name)) {
        throw new Error(`the contract of ${method} does not name ${error.name}`, { cause: error });
      }
      throw error;
    }
  }

  /** Lets time go by; everything that can be done at once is done first. */
  async seconds(n: number): Promise<void> {
    await this.clock.advance(Milliseconds(n * 1000));
  }

  /** Lets time go by while `work` is under way, which has to be through by then. */
  async during<T>(n: number, work: Promise<T>): Promise<T> {
    const [result] = await Promise.allSettled([work, this.seconds(n)]);
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }

  /** Creates the n-th VM and lets its guest boot and report twice. */
  async boot(n = 1, changes: object = {}): Promise<string> {
    const vmID = idOf(n);
    await this.call('VM.create', { vmID, vmParams: parameters(n, changes) });
    await this.sampled();
    return vmID;
  }

  /** Lets the guests report, and takes two samples of what they say. */
  async sampled(): Promise<void> {
    for (let round = 0; round < 2; round += 1) {
      await this.seconds(15);
      await this.vms.sample();
    }
  }

  /** Advances time by `n` seconds with a sample every five seconds, as the service takes them. */
  async sampledFor(n: number): Promise<void> {
    for (let passed = 0; passed < n; passed += 5) {
      await this.seconds(5);
      await this.vms.sample();
    }
  }

  async stats(vmID: string): Promise<Record<string, unknown>> {
    const [stats] = (await this.call('VM.getStats', { vmID })) as [Record<string, unknown>];
    return stats;
  }

  async status(vmID: string): Promise<unknown> {
    return (await this.stats(vmID))['status'];
  }

  async balloon(vmID: string): Promise<Record<string, unknown>> {
    return (await this.call('VM.getBalloonInfo', { vmID })) as Record<string, unknown>;
  }

  /** Plugs `size` MiB, and answers the new device's alias. */
  async plug(vmID: string, size = 128, changes: object = {}): Promise<string> {
    const before = this.devices(vmID);
    await this.call('VM.hotplugMemory', {
      vmID,
      params: { vmId: vmID, memory: { device: 'memory', size, node: 0 }, ...changes },
    });
    await this.seconds(1);
    return this.devices(vmID).find((alias) => !before.includes(alias)) ?? '';
  }

  /** Asks for a device back, and lets the guest answer. */
  async unplug(vmID: string, alias: string, changes: object = {}): Promise<unknown> {
    const params = { vmId: vmID, memory: { alias }, ...changes };
    return this.during(10, this.call('VM.hotunplugMemory', { vmID, params }));
  }

  devices(vmID: string): readonly string[] {
    return this.vms.get(vmID).domain.memoryDevices.map(({ alias }) => alias ?? '');
  }

  /** What the events of one kind said of a VM, in their order. */
  news(kind: 'status' | 'memory', vmID: string) {
    return this.told
      .filter(({ method }) => method === `|virt|VM_${kind}|${vmID}`)
      .map(({ params }) => params[vmID] ?? {});
  }
}

const readOnlyIf = (isReadOnly = false, hypervisor: Hypervisor): Hypervisor =>
  isReadOnly ? readOnly(hypervisor) : hypervisor;
