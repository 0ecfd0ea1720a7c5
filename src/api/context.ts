import type { Logger } from 'pino';
import type { HostReport } from '../host/report/hostReport.ts';
import type { Mom } from '../policy/mom.ts';
import type { Registry } from '../vm/registry/registry.ts';

/** What one connection wants to hear of; patterns as `|virt|VM_status|*`, `*` for all. */
export interface Subscriptions {
  readonly patterns: readonly string[];
  add(pattern: string): void;
  /** Whether there was such a subscription. */
  remove(pattern: string): boolean;
}

/** Who asks: one connection. */
export interface Peer {
  readonly address: string;
  readonly subscriptions: Subscriptions;
}

/** What belongs to one request. */
export interface Call {
  readonly peer: Peer;
  /** Names the request in the logs and in error replies. */
  readonly flowId: string;
  /** Aborts when the service gives up waiting at its end; a lost connection undoes nothing that was asked. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** What verbs work with, for as long as the service runs. */
export interface Services {
  readonly vms: Registry;
  readonly host: HostReport;
  readonly mom: Mom;
  /** This API as an OpenRPC document. */
  readonly openrpc: Readonly<Record<string, unknown>>;
  /** The service's own logger, whose level a client may change. */
  readonly rootLog: Logger;
}

/** All that a handler may use. */
export type Context = Services & Call;
