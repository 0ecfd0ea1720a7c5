import { type Clock, systemClock } from '../../common/clock.ts';
import { parseMemoryDevice } from '../../domain-xml/parse.ts';
import { type SlotRule, slotRuleOf } from '../../domain-xml/slots.ts';
import { KiB, Seconds } from '../../common/units.ts';
import {
  type BalloonSample,
  type CallOptions,
  type HostEvent,
  type CpuLimits,
  type DomainSummary,
  type HostMemory,
  type HostNode,
  type Hypervisor,
  type MetadataElement,
  type NewRun,
} from '../hypervisor.ts';
import { Calls } from './calls.ts';
import { controlOf, type GuestControl } from './control.ts';
import { Domains } from './domains.ts';
import { convertXmlErrors } from './xml.ts';
import type { SimulatedDomain } from './simulatedDomain.ts';
import { residentOnHost } from './guest/guestMemory.ts';
import type { Machine } from './machine.ts';
import { hostMemoryOf, LIBVIRT, nodeOf } from './simulatedNode.ts';
import { ReportTimes, sampleOf } from './sample.ts';

export interface SimulationOptions {
  /** The machine's clock by default; guests run by it. */
  readonly clock?: Clock;
  /** The same seed, clock and calls give the same host and guests; 1 by default. */
  readonly seed?: number;
  /** Memory of the host; 64 GiB by default. */
  readonly memory?: KiB;
  /** As MAJOR × 1 000 000 + MINOR × 1 000 + RELEASE; 9.0.0 by default. */
  readonly libvirtVersion?: number;
  /** 10 000 by default. */
  readonly maxDomains?: number;
  /**
   * Wall-clock seconds since 1970 at the clock's 0; by default those of the clock, whose wall time may be set.
   */
  readonly epoch?: Seconds;
}

/** A simulated hypervisor, with access to its guests and its connection for tests. */
export interface SimulatedHost extends Hypervisor {
  /** Throws `no-domain`. */
  guest(uuid: string): GuestControl;
  /** Loses the connection: pending calls fail and events are missed, but guests keep running. */
  disconnect(reason?: string): void;
  reconnect(): void;
}

const GIB = 1024 ** 2;
const NONE: ReadonlySet<string> = new Set();

/** Creates a host in this process; its guests behave like Linux with a balloon. */
export const createSimulatedHost = (options: SimulationOptions = {}): SimulatedHost =>
  new InProcessHost(options);

class InProcessHost implements SimulatedHost {
  readonly description = 'a simulated host';
  readonly isReal = false;
  readonly isReadOnly = false;
  readonly silentDomains = NONE;
  readonly daemon = undefined;
  readonly slotRule: SlotRule;
  readonly #memory: KiB;
  readonly #times: ReportTimes;
  readonly #node: HostNode;
  readonly #calls: Calls;
  readonly #domains: Domains;
  /** Domains whose monitor was made to hang at some time: few, among which to look for those that do. */
  readonly #everHung = new Set<SimulatedDomain>();
  readonly #listeners = new Set<(event: HostEvent) => void>();

  constructor({ clock = systemClock, seed = 1, ...options }: SimulationOptions) {
    this.#memory = options.memory ?? KiB(64 * GIB);
    this.#times = new ReportTimes(
      () => options.epoch ?? Seconds(clock.wallTime() - clock.now() / 1000),
    );
    const { libvirtVersion = LIBVIRT } = options;
    this.slotRule = slotRuleOf(libvirtVersion);
    this.#node = { ...nodeOf(seed, this.#memory), libvirtVersion };
    this.#calls = new Calls(clock);
    this.#domains = new Domains({
      clock,
      seed,
      slotRule: this.slotRule,
      maxDomains: options.maxDomains ?? 10_000,
      emit: (event) => {
        if (this.isConnected) this.#emit(event);
      },
    });
  }

  get isConnected(): boolean {
    return this.#calls.isOpen;
  }

  get hungDomains(): ReadonlySet<string> {
    if (this.#everHung.size === 0) return NONE;
    const hung = [...this.#everHung].filter(({ active }) => active?.isHanging === true);
    return new Set(hung.map(({ uuid }) => uuid));
  }

  open(): Promise<void> {
    this.#calls.open();
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#calls.cut('the connection was closed');
    return Promise.resolve();
  }

  disconnect(reason = 'the simulated host went away'): void {
    if (!this.isConnected) return;
    this.#calls.cut(reason);
    this.#emit({ kind: 'disconnected', reason });
  }

  reconnect(): void {
    if (this.isConnected) return;
    this.#calls.open();
    this.#emit({ kind: 'reconnected' });
  }

  listen(listener: (event: HostEvent) => void): () => void {
    const own = (event: HostEvent): void => {
      listener(event);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  guest(uuid: string): GuestControl {
    const domain = this.#domains.named(uuid);
    return controlOf(domain, {
      newId: () => this.#domains.newId(),
      onHang: () => this.#everHung.add(domain),
    });
  }

  listDomains(options?: CallOptions): Promise<DomainSummary[]> {
    return this.#onAll(options, (domains) => domains.summaries());
  }

  createDomain(xml: string, how: NewRun, options?: CallOptions): Promise<DomainSummary> {
    return this.#calls.perform(options, () => this.#domains.create(xml, how));
  }

  undefineDomain(uuid: string, options?: CallOptions): Promise<void> {
    return this.#on(uuid, options, (domain) => {
      domain.undefine();
    });
  }

  destroyDomain(uuid: string, how: { graceful: boolean }, options?: CallOptions): Promise<void> {
    return this.#on(uuid, options, (domain) => {
      domain.destroy(how);
    });
  }

  shutdownDomain(uuid: string, options?: CallOptions): Promise<void> {
    return this.#on(uuid, options, (domain) => domain.shutdown());
  }

  rebootDomain(uuid: string, options?: CallOptions): Promise<void> {
    return this.#monitored(uuid, options, (machine) => {
      machine.reboot();
    });
  }

  resetDomain(uuid: string, options?: CallOptions): Promise<void> {
    return this.#monitored(uuid, options, (machine) => {
      machine.reset();
    });
  }

  suspendDomain(uuid: string, options?: CallOptions): Promise<void> {
    return this.#on(uuid, options, (domain) => domain.suspend());
  }

  resumeDomain(uuid: string, options?: CallOptions): Promise<void> {
    return this.#on(uuid, options, (domain) => domain.resume());
  }

  domainXml(uuid: string, options?: CallOptions): Promise<string> {
    return this.#on(uuid, options, (domain) => domain.xml());
  }

  nextRunXml(uuid: string, options?: CallOptions): Promise<string | undefined> {
    return this.#on(uuid, options, (domain) => domain.nextRunXml());
  }

  setNextRunXml(uuid: string, xml: string, options?: CallOptions): Promise<void> {
    return this.#calls.perform(options, () => {
      this.#domains.redefine(uuid, xml);
    });
  }

  setMetadata(uuid: string, metadata: MetadataElement, options?: CallOptions): Promise<void> {
    return this.#on(uuid, options, (domain) => {
      convertXmlErrors(() => {
        domain.setMetadata(metadata);
      });
    });
  }

  editNextRunMetadata(
    uuid: string,
    edit: Parameters<Hypervisor['editNextRunMetadata']>[1],
    options?: CallOptions,
  ): Promise<boolean> {
    return this.#on(uuid, options, (domain) => {
      const xml = domain.nextRunXml();
      if (xml === undefined) return false;
      convertXmlErrors(() => {
        domain.setMetadata({ ...edit(xml), where: 'next-run' });
      });
      return true;
    });
  }

  /** A simulated domain is never migrated, and saved in no time. */
  isMoving(uuid: string, options?: CallOptions): Promise<boolean> {
    return this.#on(uuid, options, () => false);
  }

  setBalloon(uuid: string, target: KiB, options?: CallOptions): Promise<void> {
    return this.#monitored(uuid, options, (machine) => {
      machine.setBalloon(target);
    });
  }

  setStatsPeriod(uuid: string, period: Seconds, options?: CallOptions): Promise<void> {
    return this.#monitored(uuid, options, (machine) => {
      machine.setStatsPeriod(period);
    });
  }

  setCpuTune(uuid: string, limits: CpuLimits, options?: CallOptions): Promise<void> {
    return this.#monitored(uuid, options, (machine) => {
      machine.setCpuTune(limits);
    });
  }

  attachDevice(uuid: string, xml: string, options?: CallOptions): Promise<void> {
    return this.#monitored(uuid, options, (machine) => {
      convertXmlErrors(() => {
        machine.attach(parseMemoryDevice(xml));
      });
    });
  }

  requestDeviceMemory(
    uuid: string,
    alias: string,
    requested: KiB,
    options?: CallOptions,
  ): Promise<void> {
    return this.#monitored(uuid, options, (machine) => {
      machine.requestMemory(alias, requested);
    });
  }

  detachDevice(uuid: string, alias: string, options?: CallOptions): Promise<void> {
    return this.#monitored(uuid, options, (machine) => machine.detach(alias));
  }

  sampleAll(options?: CallOptions): Promise<ReadonlyMap<string, BalloonSample>> {
    return this.#onAll(options, (domains) => {
      const samples = new Map<string, BalloonSample>();
      for (const { active, uuid } of domains) {
        if (!active || active.isHanging) continue;
        const state = active.isPaused ? 'paused' : 'running';
        samples.set(uuid, sampleOf(active.guest, state, this.#times));
      }
      return samples;
    });
  }

  node(options?: CallOptions): Promise<HostNode> {
    return this.#calls.perform(options, () => this.#node);
  }

  hostMemory(options?: CallOptions): Promise<HostMemory> {
    return this.#onAll(options, (domains) => {
      let held = 0;
      for (const { active } of domains) if (active) held += residentOnHost(active.guest);
      return hostMemoryOf(this.#memory, KiB(held));
    });
  }

  #on<T>(
    uuid: string,
    options: CallOptions | undefined,
    work: (domain: SimulatedDomain) => T | Promise<T>,
  ): Promise<T> {
    return this.#calls.perform(options, () => {
      const domain = this.#domains.named(uuid);
      domain.catchUp();
      return work(domain);
    });
  }

  #onAll<T>(options: CallOptions | undefined, read: (domains: Domains) => T): Promise<T> {
    return this.#calls.perform(options, () => {
      this.#domains.catchUp();
      return read(this.#domains);
    });
  }

  #monitored(
    uuid: string,
    options: CallOptions | undefined,
    work: (machine: Machine) => void | Promise<void>,
  ): Promise<void> {
    return this.#on(uuid, options, (domain) => domain.ask(work));
  }

  #emit(event: HostEvent): void {
    for (const listener of this.#listeners) {
      // Listeners never run within the call that caused the event.
      queueMicrotask(() => {
        if (this.#listeners.has(listener)) listener(event);
      });
    }
  }
}
