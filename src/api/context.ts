import type { Logger } from 'pino';
import type { HostReport } from '../host/report/hostReport.ts';
import type { Mom } from '../policy/mom.ts';
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
  readonly address: string;
  readonly subscriptions: Subscriptions;
}

/** One request, as its verb sees it. */
export interface RequestContext {
  readonly peer: Peer;
  /** Names the request in the logs and in error replies. */
  readonly flowId: string;
  /** Aborts when the stopping service no longer waits; a lost connection aborts nothing. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** What every verb may use, created once. */
export interface Services {
  readonly vms: Registry;
  readonly host: HostReport;
  readonly mom: Mom;
  /** This API as an OpenRPC document. */
  readonly openrpc: Readonly<Record<string, unknown>>;
  /** The service's own logger, whose level a client may change. */
  readonly rootLog: Logger;
}

/** What the handler of a verb gets. */
export type Context = Services & RequestContext;
