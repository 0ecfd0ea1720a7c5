import type { Caller, CallOptions } from './caller.ts';
import { Domain } from './domain.ts';
import { procedures, type Procedure } from './procedures.ts';
import type { DomainRef, NodeInfo, ParameterValue } from './protocol.ts';

/** Bulk statistics of one domain by libvirt's names: `state.state`, `balloon.current` …; 64-bit values are bigint. */
export interface DomainStats {
  readonly domain: Domain;
  readonly values: ReadonlyMap<string, ParameterValue>;
}

/** A type of guest, with the values of its domain XML. */
export interface GuestKind {
  readonly emulator?: string | undefined;
  readonly arch?: string | undefined;
  readonly machine?: string | undefined;
  readonly virtType?: string | undefined;
}

const NOT_RUNNING = -1;
const ALL_CELLS = -1;

/**
 * Calls on the host, named as in libvirt without virConnect, or without vir; sizes are in KiB unless stated otherwise.
 */
export class Host {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Returns the calls on one domain, without a call to the daemon, which finds domains by UUID. */
  domain(uuid: string): Domain {
    return new Domain(this.#caller, { name: '', uuid, id: NOT_RUNNING });
  }

  domainLookupByName(name: string, options?: CallOptions): Promise<Domain> {
    return this.#domain(procedures.domainLookupByName, name, options);
  }

  domainLookupByUUID(uuid: string, options?: CallOptions): Promise<Domain> {
    return this.#domain(procedures.domainLookupByUuid, uuid, options);
  }

  /** Lists the domains selected by `flags` (virConnectListAllDomainsFlags); 0 selects all. */
  async listAllDomains(flags = 0, options?: CallOptions): Promise<readonly Domain[]> {
    const args = { needResults: 1, flags };
    const { domains } = await this.#caller.call(procedures.connectListAllDomains, args, options);
    return domains.map((ref) => new Domain(this.#caller, ref));
  }

  /** Defines a persistent domain, or replaces its definition. */
  domainDefineXMLFlags(xml: string, flags = 0, options?: CallOptions): Promise<Domain> {
    return this.#domain(procedures.domainDefineXmlFlags, { xml, flags }, options);
  }

  /** Starts a transient domain. */
  domainCreateXML(xml: string, flags = 0, options?: CallOptions): Promise<Domain> {
    return this.#domain(procedures.domainCreateXml, { xml, flags }, options);
  }

  /** Returns the statistics groups `stats` of the given domains, or of those selected by `flags` if none are given. */
  async getAllDomainStats(
    doms: readonly DomainRef[],
    { stats, flags = 0 }: { readonly stats: number; readonly flags?: number | undefined },
    options?: CallOptions,
  ): Promise<readonly DomainStats[]> {
    const args = { doms, stats, flags };
    const records = await this.#caller.call(procedures.connectGetAllDomainStats, args, options);
    return records.map(({ domain, parameters }) => ({
      domain: new Domain(this.#caller, domain),
      values: new Map(parameters.map(({ field, value }) => [field, value])),
    }));
  }

  getType(options?: CallOptions): Promise<string> {
    return this.#plain(procedures.connectGetType, options);
  }

  /** The hypervisor's version: MAJOR × 1 000 000 + MINOR × 1 000 + RELEASE. */
  getVersion(options?: CallOptions): Promise<number> {
    return this.#plain(procedures.connectGetVersion, options);
  }

  /** libvirt's version, in the same form. */
  getLibVersion(options?: CallOptions): Promise<number> {
    return this.#plain(procedures.connectGetLibVersion, options);
  }

  getHostname(options?: CallOptions): Promise<string> {
    return this.#plain(procedures.connectGetHostname, options);
  }

  getURI(options?: CallOptions): Promise<string> {
    return this.#plain(procedures.connectGetUri, options);
  }

  getCapabilities(options?: CallOptions): Promise<string> {
    return this.#plain(procedures.connectGetCapabilities, options);
  }

  /** Returns the domain capabilities XML of this type of guest; of the default type if nothing is given. */
  getDomainCapabilities(kind: GuestKind = {}, options?: CallOptions): Promise<string> {
    const { emulator, arch, machine, virtType } = kind;
    const args = { emulator, arch, machine, virtType, flags: 0 };
    return this.#caller.call(procedures.connectGetDomainCapabilities, args, options);
  }

  nodeGetInfo(options?: CallOptions): Promise<NodeInfo> {
    return this.#plain(procedures.nodeGetInfo, options);
  }

  /** In bytes. */
  nodeGetFreeMemory(options?: CallOptions): Promise<number> {
    return this.#plain(procedures.nodeGetFreeMemory, options);
  }

  /** Returns total, free, buffers and cached, as far as the driver knows them. */
  async nodeGetMemoryStats(options?: CallOptions): Promise<ReadonlyMap<string, number>> {
    const ask = (count: number) =>
      this.#caller.call(
        procedures.nodeGetMemoryStats,
        { count, cell: ALL_CELLS, flags: 0 },
        options,
      );
    const { count } = await ask(0);
    const { values } = await ask(count);
    return new Map(values.map(({ field, value }) => [field, value]));
  }

  async #domain<A>(
    procedure: Procedure<A, DomainRef>,
    args: A,
    options?: CallOptions,
  ): Promise<Domain> {
    return new Domain(this.#caller, await this.#caller.call(procedure, args, options));
  }

  #plain<R>(procedure: Procedure<undefined, R>, options?: CallOptions): Promise<R> {
    return this.#caller.call(procedure, undefined, options);
  }
}
