import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { type AccessClass, includes } from '../access/accessClass.ts';
import type { Noted, Peer, RequestContext, Services } from '../api/context.ts';
import type { Verb } from '../api/verb.ts';
import { type Clock, systemClock } from '../common/clock.ts';
import { VdsmError } from '../common/errors.ts';
import { Milliseconds } from '../common/units.ts';
import { AuditEntry, auditLog, type AuditLog } from './audit.ts';
import { Turns } from './turns.ts';

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
}

export type Outcome<R> =
  | { readonly ok: true; readonly result: R; readonly isAudited?: boolean }
  | {
      readonly ok: false;
      readonly error: VdsmError;
      /** Undefined if no verb has this name. */
      readonly flowId?: string;
      /** Whether the log has a line about it, since it would have changed something. */
      readonly isAudited?: boolean;
    };

/**
 * Calls the verb `method` and passes its result to `encode`, whose errors and time count as the call's. Never rejects.
 */
export type Call = <R>(
  method: string,
  params: unknown,
  origin: Origin,
  encode: (result: unknown) => R,
) => Promise<Outcome<R>>;

export interface RpcOptions {
  readonly verbs: ReadonlyMap<string, Verb>;
  readonly services: Services;
  /** Aborts running verbs when the service stops waiting for them. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly clock: Clock;
  /** Whether params unknown to the contract are refused, as by VDSM's api_strict_mode. */
  readonly strict: boolean;
  /** Running requests of one connection; further ones get NotEnoughResources. */
  readonly maxOutstanding: number;
  /** Returns why verbs cannot run yet; until they can, each request gets Recovering, as from a starting VDSM. */
  readonly obstacle: () => string | undefined;
  /** Whether verbs that change something are refused. */
  readonly isReadOnly: boolean;
  /** Records a request. `method` is `unknown` if no verb has its name; `code` is 0 for success. */
  readonly measure: (method: string, code: number, duration: Milliseconds) => void;
}

type Needed = 'verbs' | 'services' | 'signal' | 'log';

/** {@link RpcOptions} of which those with a default may be left out. */
export type RpcSettings = Pick<RpcOptions, Needed> & Partial<RpcOptions>;

export const defaults = {
  clock: systemClock,
  strict: false,
  maxOutstanding: 80,
  obstacle: () => undefined,
  isReadOnly: false,
  measure: () => undefined,
} as const;

const SLOW = Milliseconds(1000);
const UNFINISHED = new VdsmError(
  'GeneralException',
  'vmemd ended before the host had replied; it may be done all the same',
);

export function createCall(settings: RpcSettings): Call {
  const options: RpcOptions = { ...defaults, ...settings };
  const audit = auditLog(options.log, options.clock);
  const turns = new Turns();
  const running = new Set<AuditEntry>();
  options.signal.addEventListener('abort', () => {
    for (const entry of running) void entry.end({ error: UNFINISHED });
  });
  const calls = new Map(
    [...options.verbs].map(([name, verb]) => [
      name,
      callOf(name, verb, { ...options, audit, turns, running }),
    ]),
  );
  return (method, params, origin, encode) => {
    const call = calls.get(method);
    if (call) return call(params, origin, encode);
    const error = new VdsmError('MethodNotFound', method.slice(0, 100));
    options.measure('unknown', error.code, Milliseconds(0));
    return Promise.resolve({ ok: false, error });
  };
}

type CallVerb = <R>(
  params: unknown,
  origin: Origin,
  encode: (result: unknown) => R,
) => Promise<Outcome<R>>;

interface CallSettings extends RpcOptions {
  readonly turns: Turns;
  readonly audit: AuditLog;
  readonly running: Set<AuditEntry>;
}

function callOf(method: string, verb: Verb, options: CallSettings): CallVerb {
  const { services, clock, strict, maxOutstanding, obstacle, turns, running } = options;
  const { access, changes, waits = false } = verb.contract;
  const finish = finisher(method, waits, options);
  const isRefused = options.isReadOnly && changes.length > 0;
  const audited = { method, changes, services, log: options.audit, clock, running };
  const ServedRequest = requestsWith(services);
  return async (params, { caller, flowId }, encode) => {
    const request = new ServedRequest(method, usableFlowId(flowId), caller.peer, options);
    if (changes.length > 0) request.entry = new AuditEntry(request, params, audited);
    const began = clock.now();
    if (options.log.isLevelEnabled('debug')) request.log.debug({ event: 'start' }, 'START');
    caller.outstanding++;
    try {
      if (caller.outstanding > maxOutstanding) throw tooMany(maxOutstanding);
      if (!includes(caller.peer.access, access)) throw denial(method, access, caller.peer.access);
      requireReady(obstacle());
      if (isRefused) throw refusal(method);
      const turn = turns.wait(caller);
      if (turn) await turn;
      const { entry } = request;
      const accepted = entry && ((taken: object) => entry.begin(taken));
      const result = await verb.call(params, request, { strict, accepted });
      const encoded = encode(result);
      finish(request, began, 0);
      if (entry) await entry.end({ result });
      return { ok: true, result: encoded, isAudited: entry !== undefined };
    } catch (thrown) {
      const error = errorOf(thrown, request);
      finish(request, began, error.code, error.message);
      if (request.entry) await request.entry.end({ error });
      return { ok: false, error, flowId: request.flowId, isAudited: request.entry !== undefined };
    } finally {
      caller.outstanding--;
    }
  };
}

/** Returns a function that measures and logs the end of a request. */
function finisher(method: string, waits: boolean, { clock, log, measure }: RpcOptions) {
  return (context: RequestContext, began: Milliseconds, code: number, failure?: string): void => {
    const duration = Milliseconds(clock.now() - began);
    measure(method, code, duration);
    const isSlow = duration > SLOW && !waits;
    const reason = failure ?? (isSlow ? 'slow' : undefined);
    const level = isSlow ? 'warn' : 'debug';
    if (!log.isLevelEnabled(level)) return;
    const duration_s = Math.round(duration * 1000) / 1e6;
    context.log[level]({ event: 'finish', code, reason, duration_s }, 'FINISH');
  };
}

// random once, so that ids of two runs differ; then counted, since random bytes may take their time
const run = randomBytes(3).toString('hex');
let calls = 0;
const nextFlowId = (): string => `${run}-${(calls++).toString(36)}`;

class Request implements RequestContext {
  readonly peer: Peer;
  readonly signal: AbortSignal;
  /** Absent if the verb only reads. */
  entry: AuditEntry | undefined;
  readonly #method: string;
  readonly #parent: Logger;
  #flowId: string | undefined;
  #log: Logger | undefined;

  constructor(method: string, flowId: string | undefined, peer: Peer, options: RpcOptions) {
    this.peer = peer;
    this.signal = options.signal;
    this.#method = method;
    this.#parent = options.log;
    this.#flowId = flowId;
  }

  // created on demand: most requests need neither, and a child logger costs more than the rest of the call
  get flowId(): string {
    return (this.#flowId ??= nextFlowId());
  }

  note(values: Noted): void {
    this.entry?.note(values);
  }

  get log(): Logger {
    return (this.#log ??= this.#parent.child({ flow_id: this.flowId, method: this.#method }));
  }
}

type ServedRequest = new (...parts: ConstructorParameters<typeof Request>) => Request & Services;

/** Returns the class of requests with these services: copied to each request, they would cost more than the rest of it. */
function requestsWith(services: Services): ServedRequest {
  class Served extends Request {}
  Object.assign(Served.prototype, services);
  return Served as ServedRequest;
}

/** Returns `flowId` if it can be logged and sent back as it is. */
export const usableFlowId = (flowId: unknown): string | undefined =>
  typeof flowId === 'string' && /^[\x20-\x7e]{1,128}$/.test(flowId) ? flowId : undefined;

const tooMany = (limit: number): VdsmError =>
  new VdsmError(
    'NotEnoughResources',
    `${String(limit)} requests of this connection still run; wait for their replies`,
  );

function requireReady(obstacle: string | undefined): void {
  if (obstacle !== undefined) throw new VdsmError('Recovering', obstacle);
}

const refusal = (method: string): VdsmError =>
  new VdsmError(
    'UnsupportedOperation',
    `this vmemd runs read-only and changes nothing; send ${method} to the one that owns this libvirt`,
  );

const denial = (method: string, needed: AccessClass, granted: AccessClass): VdsmError =>
  new VdsmError(
    'AccessDenied',
    `${method} needs the class ${needed}, and this client has ${granted}; [access] in the configuration grants it`,
  );

function errorOf(thrown: unknown, { log, flowId }: RequestContext): VdsmError {
  if (thrown instanceof VdsmError) {
    if (thrown.cause !== undefined) log.debug({ err: thrown }, 'the cause of the error');
    return thrown;
  }
  log.error({ event: 'bug', err: thrown }, 'a handler failed unexpectedly');
  return new VdsmError('InternalError', `see the log of vmemd under flow_id ${flowId}`);
}
