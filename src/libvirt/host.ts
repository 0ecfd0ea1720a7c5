import type { Caller, CallOptions } from './caller.ts';
import { Domain } from './domain.ts';
import { procedures, type Procedure } from './procedures.ts';
import type { DomainRef, NodeInfo, ParameterValue } from './protocol.ts';

/** Bulk statistics of one domain, by libvirt's names: `state.state`, `balloon.current` …; 64-bit values are bigint. */
export interface DomainStats {
  readonly domain: DomainRef;
  readonly values: ReadonlyMap<string, ParameterValue>;
}

/** A kind of guest in the words of its domain's XML. */
export interface GuestKind {
  readonly emulator?: string | undefined;
  readonly arch?: string | undefined;
  readonly machine?: string | undefined;
  readonly virtType?: string | undefined;
}

const NOT_RUNNING = -1;
const ALL_CELLS = -1;

/** The calls on a host as a whole, named as in libvirt; sizes KiB unless they say otherwise. */
export class Host {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** The calls on one domain; costs no call itself, the daemon knows the domain by its UUID. */
  domain(uuid: string): Domain {
    return new Domain(this.#caller, { name: '', uuid, id: NOT_RUNNING });
  }

  lookupByName(name: string, options?: CallOptions): Promise<DomainRef> {
    return this.#caller.call(procedures.domainLookupByName, name, options);
  }

  lookupByUuid(uuid: string, options?: CallOptions): Promise<DomainRef> {
    return this.#caller.call(procedures.domainLookupByUuid, uuid, options);
  }

  /** Every domain that `flags` (virConnectListAllDomainsFlags) allow; 0 allows all. */
  async listAllDomains(flags: number, options?: CallOptions): Promise<readonly DomainRef[]> {
    const args = { needResults: 1, flags };
    const { domains } = await this.#caller.call(procedures.connectListAllDomains, args, options);
    return domains;
  }

  defineXml(xml: string, flags: number, options?: CallOptions): Promise<DomainRef> {
    return this.#caller.call(procedures.domainDefineXmlFlags, { xml, flags }, options);
  }

  /** Starts a domain that is gone when it stops. */
  createXml(xml: string, flags: number, options?: CallOptions): Promise<DomainRef> {
    return this.#caller.call(procedures.domainCreateXml, { xml, flags }, options);
  }

  /** Statistics groups `stats` of these domains, or of all that `flags` allow where none is given. */
  async getAllDomainStats(
    doms: readonly DomainRef[],
    { stats, flags }: { readonly stats: number; readonly flags: number },
    options?: CallOptions,
  ): Promise<readonly DomainStats[]> {
    const args = { doms, stats, flags };
    const records = await this.#caller.call(procedures.connectGetAllDomainStats, args, options);
    return records.map(({ domain, parameters }) => ({
      domain,
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

  /** libvirt's own version, counted likewise. */
  getLibVersion(options?: CallOptions): Promise<number> {
    return this.#plain(procedures.connectGetLibVersion, options);
  }

  getHostname(options?: CallOptions): Promise<string> {
    return this.#plain(procedures.connectGetHostname, options);
  }

  getUri(options?: CallOptions): Promise<string> {
    return this.#plain(procedures.connectGetUri, options);
  }

  getCapabilities(options?: CallOptions): Promise<string> {
    return this.#plain(procedures.connectGetCapabilities, options);
  }

  /** XML of what guests of this kind can have; of the usual kind where nothing is given. */
  getDomainCapabilities(kind: GuestKind = {}, options?: CallOptions): Promise<string> {
    const { emulator, arch, machine, virtType } = kind;
    const args = { emulator, arch, machine, virtType, flags: 0 };
    return this.#caller.call(procedures.connectGetDomainCapabilities, args, options);
  }

  getNodeInfo(options?: CallOptions): Promise<NodeInfo> {
    return this.#plain(procedures.nodeGetInfo, options);
  }

  /** In bytes. */
  getFreeMemory(options?: CallOptions): Promise<number> {
    return this.#plain(procedures.nodeGetFreeMemory, options);
  }

  /** total, free, buffers and cached, as far as the host has them. */
  async getNodeMemoryStats(options?: CallOptions): Promise<ReadonlyMap<string, number>> {
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

  #plain<R>(procedure: Procedure<undefined, R>, options?: CallOptions): Promise<R> {
    return this.#caller.call(procedure, undefined, options);
  }
}
