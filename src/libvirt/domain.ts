import type { Caller, CallOptions } from './caller.ts';
import { procedures, type Procedure } from './procedures.ts';
import type { DomainInfo, DomainRef, ParameterValue, TypedParameter } from './protocol.ts';

/** Values by virDomainMemoryStatTags; tags that the guest did not report are absent. */
export type MemoryStats = ReadonlyMap<number, bigint>;

/** One metadata element; `key` is its namespace prefix in the domain's XML. */
export interface Metadata {
  readonly type: number;
  /** Absent removes the element. */
  readonly metadata?: string | undefined;
  readonly key?: string | undefined;
  readonly uri?: string | undefined;
}

const MEMORY_STATS_MAX = 64;
const CPU_TIMES_MAX = 16;
const ALL_CPUS = -1;

/**
 * One domain and the calls on it, named as in libvirt without virDomain; `flags` are libvirt's, sizes are in KiB.
 * The daemon finds a domain by its UUID: the name and the id may be older than the domain's.
 */
export class Domain implements DomainRef {
  readonly name: string;
  readonly uuid: string;
  /** -1 while it does not run. */
  readonly id: number;
  readonly #caller: Caller;

  constructor(caller: Caller, { name, uuid, id }: DomainRef) {
    this.#caller = caller;
    this.name = name;
    this.uuid = uuid;
    this.id = id;
  }

  getInfo(options?: CallOptions): Promise<DomainInfo> {
    return this.#caller.call(procedures.domainGetInfo, { dom: this }, options);
  }

  getState(options?: CallOptions): Promise<{ readonly state: number; readonly reason: number }> {
    return this.#flagged(procedures.domainGetState, 0, options);
  }

  /**
   * Returns virDomainControlState of the domain's monitor, and for how many milliseconds it has been so; a guest that
   * hangs does not block it.
   */
  getControlInfo(
    options?: CallOptions,
  ): Promise<{ readonly state: number; readonly stateTime: number }> {
    return this.#flagged(procedures.domainGetControlInfo, 0, options);
  }

  getXMLDesc(flags = 0, options?: CallOptions): Promise<string> {
    return this.#flagged(procedures.domainGetXmlDesc, flags, options);
  }

  /** Whether the domain has a persistent configuration; libvirt returns the live XML of a transient one instead. */
  async isPersistent(options?: CallOptions): Promise<boolean> {
    return (await this.#caller.call(procedures.domainIsPersistent, { dom: this }, options)) === 1;
  }

  createWithFlags(flags = 0, options?: CallOptions): Promise<DomainRef> {
    return this.#flagged(procedures.domainCreateWithFlags, flags, options);
  }

  undefineFlags(flags = 0, options?: CallOptions): Promise<void> {
    return this.#flagged(procedures.domainUndefineFlags, flags, options);
  }

  destroyFlags(flags = 0, options?: CallOptions): Promise<void> {
    return this.#flagged(procedures.domainDestroyFlags, flags, options);
  }

  shutdownFlags(flags = 0, options?: CallOptions): Promise<void> {
    return this.#flagged(procedures.domainShutdownFlags, flags, options);
  }

  reboot(flags = 0, options?: CallOptions): Promise<void> {
    return this.#flagged(procedures.domainReboot, flags, options);
  }

  reset(options?: CallOptions): Promise<void> {
    return this.#flagged(procedures.domainReset, 0, options);
  }

  suspend(options?: CallOptions): Promise<void> {
    return this.#caller.call(procedures.domainSuspend, { dom: this }, options);
  }

  resume(options?: CallOptions): Promise<void> {
    return this.#caller.call(procedures.domainResume, { dom: this }, options);
  }

  async memoryStats(options?: CallOptions): Promise<MemoryStats> {
    const args = { dom: this, maxStats: MEMORY_STATS_MAX, flags: 0 };
    const stats = await this.#caller.call(procedures.domainMemoryStats, args, options);
    return new Map(stats.map(({ tag, value }) => [tag, value]));
  }

  /**
   * Returns the CPU times of all CPUs together, in nanoseconds by libvirt's names: cpu_time, user_time, system_time.
   * Throws LibvirtError 55 on a host without CPU accounting.
   */
  async getCpuStats(options?: CallOptions): Promise<ReadonlyMap<string, ParameterValue>> {
    const args = { dom: this, count: CPU_TIMES_MAX, startCpu: ALL_CPUS, cpus: 1, flags: 0 };
    const { parameters } = await this.#caller.call(procedures.domainGetCpuStats, args, options);
    return new Map(parameters.map(({ field, value }) => [field, value]));
  }

  /** The job that runs on the domain: virDomainJobType, and its figures by name. */
  async getJobStats(options?: CallOptions): Promise<{
    readonly type: number;
    readonly figures: ReadonlyMap<string, ParameterValue>;
  }> {
    const reply = await this.#flagged(procedures.domainGetJobStats, 0, options);
    const { type, parameters } = reply;
    return { type, figures: new Map(parameters.map(({ field, value }) => [field, value])) };
  }

  setMemoryFlags(size: number, flags = 0, options?: CallOptions): Promise<void> {
    const args = { dom: this, size, flags };
    return this.#caller.call(procedures.domainSetMemoryFlags, args, options);
  }

  /** Sets how often the guest's driver reports, in seconds; 0 turns it off. */
  setMemoryStatsPeriod(period: number, flags = 0, options?: CallOptions): Promise<void> {
    const args = { dom: this, period, flags };
    return this.#caller.call(procedures.domainSetMemoryStatsPeriod, args, options);
  }

  /** Sets CPU limits by name: vcpu_quota, vcpu_period … */
  setSchedulerParametersFlags(
    parameters: readonly TypedParameter[],
    flags = 0,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this, parameters, flags };
    return this.#caller.call(procedures.domainSetSchedulerParametersFlags, args, options);
  }

  /** Throws LibvirtError 80 if there is none. */
  getMetadata(
    { type, uri }: Pick<Metadata, 'type' | 'uri'>,
    flags = 0,
    options?: CallOptions,
  ): Promise<string> {
    const args = { dom: this, type, uri, flags };
    return this.#caller.call(procedures.domainGetMetadata, args, options);
  }

  setMetadata(
    { type, metadata, key, uri }: Metadata,
    flags = 0,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this, type, metadata, key, uri, flags };
    return this.#caller.call(procedures.domainSetMetadata, args, options);
  }

  attachDeviceFlags(xml: string, flags = 0, options?: CallOptions): Promise<void> {
    return this.#device(procedures.domainAttachDeviceFlags, { xml, flags }, options);
  }

  /** Resolves when the guest has been asked; the device-removed event reports the removal. */
  detachDeviceFlags(xml: string, flags = 0, options?: CallOptions): Promise<void> {
    return this.#device(procedures.domainDetachDeviceFlags, { xml, flags }, options);
  }

  updateDeviceFlags(xml: string, flags = 0, options?: CallOptions): Promise<void> {
    return this.#device(procedures.domainUpdateDeviceFlags, { xml, flags }, options);
  }

  /** Like {@link detachDeviceFlags}, for the device with this alias. */
  detachDeviceAlias(alias: string, flags = 0, options?: CallOptions): Promise<void> {
    const args = { dom: this, alias, flags };
    return this.#caller.call(procedures.domainDetachDeviceAlias, args, options);
  }

  #flagged<R>(
    procedure: Procedure<{ readonly dom: DomainRef; readonly flags: number }, R>,
    flags = 0,
    options?: CallOptions,
  ): Promise<R> {
    return this.#caller.call(procedure, { dom: this, flags }, options);
  }

  #device(
    procedure: Procedure<
      { readonly dom: DomainRef; readonly xml: string; readonly flags: number },
      undefined
    >,
    { xml, flags }: { readonly xml: string; readonly flags: number },
    options?: CallOptions,
  ): Promise<void> {
    return this.#caller.call(procedure, { dom: this, xml, flags }, options);
  }
}
