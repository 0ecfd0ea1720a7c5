import {
  int,
  list,
  nothing,
  optional,
  quantity,
  record,
  text,
  uint,
  type Codec,
  type Value,
} from './codec.ts';
import { statsFlag, statsGroup } from './constants.ts';
import {
  controlInfo,
  domain,
  domainInfo,
  domains,
  memoryStats,
  nodeInfo,
  nodeMemoryStats,
  parameters,
  statsRecords,
  uuid,
  type DomainRef,
} from './protocol.ts';

/** The domains whose job or monitor a call uses. */
export interface Claim {
  readonly domains: readonly DomainRef[];
  /**
   * Whether the call passes over domains whose job another call has: it waits for none of them but one whose monitor hangs
   * when its turn comes.
   */
  readonly passesOver?: boolean;
}

/** One remote procedure: its number in libvirt's protocol, its codecs, and whether a hung guest can block it. */
export interface Procedure<A, R> {
  readonly name: string;
  readonly number: number;
  readonly args: Codec<A>;
  readonly result: Codec<R>;
  /** Returns undefined for a call that uses no domain's job and no monitor. */
  claim?(args: A): Claim | undefined;
  /** Whether it can take libvirt many seconds without a guest's job: these calls leave a place to quick ones. */
  readonly isSlow?: boolean;
}

type Claims<A> = (args: A) => Claim | undefined;
type Entry<A, R> = readonly [number, Codec<A>, Codec<R>, Claims<A>?, boolean?];

const flagged = record({ dom: domain, flags: uint });
const devices = record({ dom: domain, xml: text, flags: uint });
const memorySize = record({ dom: domain, size: quantity, flags: uint });
const newDomain = record({ xml: text, flags: uint });

/** The call uses the job of its domain. */
const itsDomain = (args: { readonly dom: DomainRef }): Claim => ({ domains: [args.dom] });
/** The call uses no job. */
const nothingClaimed = (): undefined => undefined;
/** The call uses the job of a domain that does not exist yet. */
const noDomainYet = (): Claim => ({ domains: [] });

/** libvirt waits ten seconds and more for a hung QEMU to end. */
const SLOW = true;

const allStats = record({ doms: domains, stats: uint, flags: uint });
const claimOfStats = ({ doms, stats, flags }: Value<typeof allStats>): Claim | undefined =>
  stats === statsGroup.state ?
    undefined
  : { domains: doms, passesOver: (flags & statsFlag.noWait) !== 0 };

const entry = <A, R>(...parts: Entry<A, R>): Entry<A, R> => parts;

// Destroy claims nothing: it must get through to a guest whose monitor hangs, and it ends the hung calls.
const table = {
  connectOpen: entry(1, record({ name: optional(text), flags: uint }), nothing),
  connectClose: entry(2, nothing, nothing),
  connectGetType: entry(3, nothing, text),
  connectGetVersion: entry(4, nothing, quantity),
  nodeGetInfo: entry(6, nothing, nodeInfo),
  connectGetCapabilities: entry(7, nothing, text),
  domainCreateXml: entry(10, newDomain, domain, noDomainYet),
  domainGetXmlDesc: entry(14, flagged, text),
  domainGetInfo: entry(16, record({ dom: domain }), domainInfo),
  domainLookupByName: entry(23, text, domain),
  domainLookupByUuid: entry(24, uuid, domain),
  domainReboot: entry(27, flagged, nothing, itsDomain),
  domainResume: entry(28, record({ dom: domain }), nothing, itsDomain),
  domainShutdown: entry(33, record({ dom: domain }), nothing, itsDomain),
  domainSuspend: entry(34, record({ dom: domain }), nothing, itsDomain),
  connectGetHostname: entry(59, nothing, text),
  connectSupportsFeature: entry(60, int, int),
  authList: entry(66, nothing, list(int, 20)),
  authPolkit: entry(70, nothing, int),
  nodeGetFreeMemory: entry(102, nothing, quantity),
  connectGetUri: entry(110, nothing, text),
  domainIsPersistent: entry(151, record({ dom: domain }), int),
  connectGetLibVersion: entry(157, nothing, quantity),
  domainMemoryStats: entry(
    159,
    record({ dom: domain, maxStats: uint, flags: uint }),
    memoryStats,
    itsDomain,
  ),
  domainAttachDeviceFlags: entry(160, devices, nothing, itsDomain),
  domainDetachDeviceFlags: entry(161, devices, nothing, itsDomain),
  domainUpdateDeviceFlags: entry(174, devices, nothing, itsDomain),
  domainCreateWithFlags: entry(196, flagged, domain, itsDomain),
  domainSetMemoryFlags: entry(204, memorySize, nothing, itsDomain),
  domainGetState: entry(212, flagged, record({ state: int, reason: int })),
  domainSetSchedulerParametersFlags: entry(
    219,
    record({ dom: domain, parameters, flags: uint }),
    nothing,
    itsDomain,
  ),
  nodeGetMemoryStats: entry(228, record({ count: int, cell: int, flags: uint }), nodeMemoryStats),
  domainGetControlInfo: entry(229, flagged, controlInfo),
  domainUndefineFlags: entry(231, flagged, nothing, nothingClaimed, SLOW),
  domainDestroyFlags: entry(234, flagged, nothing, nothingClaimed, SLOW),
  domainReset: entry(245, flagged, nothing, itsDomain),
  domainShutdownFlags: entry(258, flagged, nothing, itsDomain),
  domainGetCpuStats: entry(
    262,
    record({ dom: domain, count: uint, startCpu: int, cpus: uint, flags: uint }),
    record({ parameters, count: int }),
  ),
  domainSetMetadata: entry(
    264,
    record({
      dom: domain,
      type: int,
      metadata: optional(text),
      key: optional(text),
      uri: optional(text),
      flags: uint,
    }),
    nothing,
    itsDomain,
  ),
  domainGetMetadata: entry(
    265,
    record({ dom: domain, type: int, uri: optional(text), flags: uint }),
    text,
  ),
  connectListAllDomains: entry(
    273,
    record({ needResults: int, flags: uint }),
    record({ domains, count: uint }),
  ),
  domainGetJobStats: entry(298, flagged, record({ type: int, parameters })),
  domainSetMemoryStatsPeriod: entry(
    308,
    record({ dom: domain, period: int, flags: uint }),
    nothing,
    itsDomain,
  ),
  eventCallbackRegisterAny: entry(316, record({ event: int, dom: optional(domain) }), int),
  eventCallbackDeregisterAny: entry(317, int, nothing),
  connectGetDomainCapabilities: entry(
    342,
    record({
      emulator: optional(text),
      arch: optional(text),
      machine: optional(text),
      virtType: optional(text),
      flags: uint,
    }),
    text,
  ),
  connectGetAllDomainStats: entry(344, allStats, statsRecords, claimOfStats),
  domainDefineXmlFlags: entry(350, newDomain, domain),
  domainDetachDeviceAlias: entry(
    392,
    record({ dom: domain, alias: text, flags: uint }),
    nothing,
    itsDomain,
  ),
};

type Table = typeof table;
type Procedures = {
  readonly [K in keyof Table]: Table[K] extends Entry<infer A, infer R> ? Procedure<A, R> : never;
};

/** The procedures that this client uses, by name. */
export const procedures = Object.fromEntries(
  Object.entries(table as Record<string, Entry<unknown, unknown>>).map(
    ([name, [number, args, result, claim = nothingClaimed, isSlow = false]]) => [
      name,
      { name, number, args, result, claim, isSlow },
    ],
  ),
) as unknown as Procedures;
