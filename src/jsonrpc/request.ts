import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Noted, Peer, RequestContext, Services } from '../api/context.ts';
import type { Eventual } from '../common/eventual.ts';
import type { Milliseconds } from '../common/units.ts';
import type { AuditEntry } from './audit.ts';

/** A connection; `outstanding` counts its running requests. */
export interface Caller {
  readonly peer: Peer;
  outstanding: number;
  /** Whether it expects VDSM's replies: to a batch of one a reply outside a list, to a null id none. */
  readonly asVdsm?: boolean;
}

/** The source of a request. */
export interface Origin {
  readonly caller: Caller;
  /** Names the request in logs and error replies; ignored unless {@link usableFlowId}. */
  readonly flowId?: unknown;
  /** When it arrived, on the service's clock; now unless given. */
  readonly receivedAt?: Milliseconds;
}

// random once, so that ids of two runs differ; then counted, since random bytes may take their time
const run = randomBytes(3).toString('hex');
let calls = 0;
const nextFlowId = (): string => `${run}-${(calls++).toString(36)}`;

/** A running request; what all requests of a verb have in common is on the prototype. */
export abstract class Request implements RequestContext {
  abstract readonly method: string;
  abstract readonly signal: AbortSignal;
  abstract readonly parentLog: Logger;
  readonly caller: Caller;
  readonly receivedAt: Milliseconds;
  /** Absent if the verb only reads. */
  entry: AuditEntry | undefined;
  #flowId: string | undefined;
  #log: Logger | undefined;

  constructor(caller: Caller, flowId: string | undefined, receivedAt: Milliseconds) {
    this.caller = caller;
    this.receivedAt = receivedAt;
    this.#flowId = flowId;
  }

  get peer(): Peer {
    return this.caller.peer;
  }

  // created on demand: most requests need neither, and a child logger costs more than the rest of the call
  get flowId(): string {
    return (this.#flowId ??= nextFlowId());
  }

  note(values: Noted): void {
    this.entry?.note(values);
  }

  get log(): Logger {
    return (this.#log ??= this.parentLog.child({ flow_id: this.flowId, method: this.method }));
  }

  /** Returns `outcome`, of a request that changes something once its line is written. */
  end<T>(ending: Parameters<AuditEntry['end']>[0], outcome: T): Eventual<T> {
    if (this.entry) return this.entry.end(ending).then(() => this.#ended(outcome));
    return this.#ended(outcome);
  }

  #ended<T>(outcome: T): T {
    this.caller.outstanding--;
    return outcome;
  }
}

interface Common {
  readonly services: Services;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

type ServedRequest = new (...parts: ConstructorParameters<typeof Request>) => Request & Services;

/** Returns the class of a verb's requests with the services: copied to each request, they would cost more than the rest of it. */
export function requestsOf(method: string, { services, signal, log }: Common): ServedRequest {
  abstract class Served extends Request {}
  Object.assign(Served.prototype, services, { method, signal, parentLog: log });
  return Served as unknown as ServedRequest;
}

/** Returns `flowId` if it can be logged and sent back as it is. */
export const usableFlowId = (flowId: unknown): string | undefined =>
  typeof flowId === 'string' && /^[\x20-\x7e]{1,128}$/.test(flowId) ? flowId : undefined;
