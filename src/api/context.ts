import type { Logger } from 'pino';
import type { AccessClass } from '../access/accessClass.ts';
import type { HostReport } from '../host/report/hostReport.ts';
import type { KsmTuner } from '../policy/ksm/ksmTuner.ts';
import type { Mom } from '../policy/mom/mom.ts';
import type { PolicyLoop } from '../policy/loop/policyLoop.ts';
import type { Reservations } from '../policy/reservations/reservations.ts';
import type { AuditTrail } from '../overview/auditTrail.ts';
import type { MemoryHistory } from '../overview/history/memoryHistory.ts';
import type { Overview } from '../overview/overview.ts';
import type { Registry } from '../vm/registry/registry.ts';

/** The events sent to one connection; patterns as `|virt|VM_status|*`, `*` for all. */
export interface Subscriptions {
  readonly patterns: readonly string[];
  add(pattern: string): void;
  /** Returns whether the pattern was subscribed to. */
  remove(pattern: string): boolean;
}

/** The connection that a request came from. */
export interface Peer {
  /** Without the prefix of IPv4 addresses on a dual-stack socket. */
  readonly address: string;
  /** What it may do. */
  readonly access: AccessClass;
  readonly subscriptions: Subscriptions;
  /** `dashboard`: the page in a browser. */
  readonly transport?: 'websocket' | 'stomp' | 'rest' | 'dashboard';
  /** The common name in the client's certificate; absent without TLS. */
  readonly certificate?: string | undefined;
  /** Returns the local user whose process connected; undefined if the client is elsewhere. Never rejects. */
  readonly user?: () => Promise<string | undefined>;
}

/** The values of what a verb can change, at one moment; unknown ones are absent. */
export type State = Readonly<Record<string, unknown>>;

/** Values for the audit line that only a verb's handler knows. */
export interface Noted {
  /** Of what the verb has changed. */
  readonly before?: State;
  readonly after?: State;
  /** Params that the client left out, with the defaults that were taken. */
  readonly taken?: State;
}

/** One request, as its verb sees it. */
export interface RequestContext {
  readonly peer: Peer;
  /** Names the request in the logs and in error replies. */
  readonly flowId: string;
  /** Aborts when the stopping service no longer waits; a lost connection aborts nothing. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Adds values to the audit line of a request that changes something. */
  note(values: Noted): void;
}

/** What every verb may use, created once. */
export interface Services {
  readonly vms: Registry;
  readonly host: HostReport;
  readonly mom: Mom;
  readonly policy: PolicyLoop;
  readonly ksm: Pick<KsmTuner, 'pin'>;
  readonly reservations: Reservations;
  readonly overview: Overview;
  readonly history: MemoryHistory;
  /** The newest changes. */
  readonly trail: AuditTrail;
  /** This API as an OpenRPC document. */
  readonly openrpc: Readonly<Record<string, unknown>>;
  /** The service's own logger, whose level a client may change. */
  readonly rootLog: Logger;
}

/** What the handler of a verb gets. */
export type Context = Services & RequestContext;
