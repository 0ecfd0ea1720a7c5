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

/** Calls on one domain, named as in libvirt; `flags` are libvirt's, sizes are in KiB. */
export class Domain {
  readonly ref: DomainRef;
  readonly #caller: Caller;

  constructor(caller: Caller, ref: DomainRef) {
    this.#caller = caller;
    this.ref = ref;
  }

  getInfo(options?: CallOptions): Promise<DomainInfo> {
    return this.#caller.call(procedures.domainGetInfo, { dom: this.ref }, options);
  }

  getState(options?: CallOptions): Promise<{ readonly state: number; readonly reason: number }> {
    return this.#flagged(procedures.domainGetState, 0, options);
  }

  getXmlDesc(flags: number, options?: CallOptions): Promise<string> {
    return this.#flagged(procedures.domainGetXmlDesc, flags, options);
  }

  /** Whether the domain has a persistent configuration; libvirt returns the live XML of a transient one instead. */
  async isPersistent(options?: CallOptions): Promise<boolean> {
    return (
      (await this.#caller.call(procedures.domainIsPersistent, { dom: this.ref }, options)) === 1
    );
  }

  create(flags: number, options?: CallOptions): Promise<DomainRef> {
    return this.#flagged(procedures.domainCreateWithFlags, flags, options);
  }

  undefine(flags: number, options?: CallOptions): Promise<void> {
    return this.#flagged(procedures.domainUndefineFlags, flags, options);
  }

  destroy(flags: number, options?: CallOptions): Promise<void> {
    return this.#flagged(procedures.domainDestroyFlags, flags, options);
  }

  shutdown(flags: number, options?: CallOptions): Promise<void> {
    return this.#flagged(procedures.domainShutdownFlags, flags, options);
  }

  reboot(flags: number, options?: CallOptions): Promise<void> {
    return this.#flagged(procedures.domainReboot, flags, options);
  }

  reset(options?: CallOptions): Promise<void> {
    return this.#flagged(procedures.domainReset, 0, options);
  }

  suspend(options?: CallOptions): Promise<void> {
    return this.#caller.call(procedures.domainSuspend, { dom: this.ref }, options);
  }

  resume(options?: CallOptions): Promise<void> {
    return this.#caller.call(procedures.domainResume, { dom: this.ref }, options);
  }

  async memoryStats(options?: CallOptions): Promise<MemoryStats> {
    const args = { dom: this.ref, maxStats: MEMORY_STATS_MAX, flags: 0 };
    const stats = await this.#caller.call(procedures.domainMemoryStats, args, options);
    return new Map(stats.map(({ tag, value }) => [tag, value]));
  }

  /**
   * Returns the CPU times of all CPUs together, in nanoseconds by libvirt's names: cpu_time, user_time, system_time.
   * Throws LibvirtError 55 on a host without CPU accounting.
   */
  async getCpuStats(options?: CallOptions): Promise<ReadonlyMap<string, ParameterValue>> {
    const args = { dom: this.ref, count: CPU_TIMES_MAX, startCpu: ALL_CPUS, cpus: 1, flags: 0 };
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

  setMemory(size: number, flags: number, options?: CallOptions): Promise<void> {
    const args = { dom: this.ref, size, flags };
    return this.#caller.call(procedures.domainSetMemoryFlags, args, options);
  }

  /** Sets how often the guest's driver reports, in seconds; 0 turns it off. */
  setMemoryStatsPeriod(period: number, flags: number, options?: CallOptions): Promise<void> {
    const args = { dom: this.ref, period, flags };
    return this.#caller.call(procedures.domainSetMemoryStatsPeriod, args, options);
  }

  /** Sets CPU limits by name: vcpu_quota, vcpu_period … */
  setSchedulerParameters(
    parameters: readonly TypedParameter[],
    flags: number,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this.ref, parameters, flags };
    return this.#caller.call(procedures.domainSetSchedulerParametersFlags, args, options);
  }

  /** Throws LibvirtError 80 if there is none. */
  getMetadata(
    { type, uri }: Pick<Metadata, 'type' | 'uri'>,
    flags: number,
    options?: CallOptions,
  ): Promise<string> {
    const args = { dom: this.ref, type, uri, flags };
    return this.#caller.call(procedures.domainGetMetadata, args, options);
  }

  setMetadata(
    { type, metadata, key, uri }: Metadata,
    flags: number,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this.ref, type, metadata, key, uri, flags };
    return this.#caller.call(procedures.domainSetMetadata, args, options);
  }

  attachDevice(xml: string, flags: number, options?: CallOptions): Promise<void> {
    return this.#device(procedures.domainAttachDeviceFlags, { xml, flags }, options);
  }

  /** Resolves when the guest has been asked; the device-removed event reports the removal. */
  detachDevice(xml: string, flags: number, options?: CallOptions): Promise<void> {
    return this.#device(procedures.domainDetachDeviceFlags, { xml, flags }, options);
  }

  updateDevice(xml: string, flags: number, options?: CallOptions): Promise<void> {
    return this.#device(procedures.domainUpdateDeviceFlags, { xml, flags }, options);
  }

  /** Like {@link detachDevice}, for the device with this alias. */
  detachDeviceAlias(alias: string, flags: number, options?: CallOptions): Promise<void> {
    const args = { dom: this.ref, alias, flags };
    return this.#caller.call(procedures.domainDetachDeviceAlias, args, options);
  }

  #flagged<R>(
    procedure: Procedure<{ readonly dom: DomainRef; readonly flags: number }, R>,
    flags: number,
    options?: CallOptions,
  ): Promise<R> {
    return this.#caller.call(procedure, { dom: this.ref, flags }, options);
  }

  #device(
    procedure: Procedure<
      { readonly dom: DomainRef; readonly xml: string; readonly flags: number },
      undefined
    >,
    { xml, flags }: { readonly xml: string; readonly flags: number },
    options?: CallOptions,
  ): Promise<void> {
    return this.#caller.call(procedure, { dom: this.ref, xml, flags }, options);
  }
}
