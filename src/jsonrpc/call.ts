import type { Logger } from 'pino';
import { type AccessClass, includes } from '../access/accessClass.ts';
import type { RequestContext, Services } from '../api/context.ts';
import type { Contract, Verb } from '../api/verb.ts';
import { type Clock, systemClock } from '../common/clock.ts';
import type { Eventual } from '../common/eventual.ts';
import { VdsmError } from '../common/errors.ts';
import { Milliseconds } from '../common/units.ts';
import { AuditEntry, auditLog, type AuditLog } from './audit.ts';
import { type Caller, type Origin, type Request, requestsOf, usableFlowId } from './request.ts';

export type Outcome<R> =
  { readonly ok: true; readonly result: R; readonly isAudited?: boolean } | Refused;

export interface Refused {
  readonly ok: false;
  readonly error: VdsmError;
  /** Undefined if no verb has this name. */
  readonly flowId?: string;
  /** Whether the log has a line about it, since it would have changed something. */
  readonly isAudited?: boolean;
}

/**
 * Calls the verb `method` and passes its result to `encode`, whose errors and time count as the call's. Never rejects.
 */
export type Call = <R>(
  method: string,
  params: unknown,
  origin: Origin,
  encode: Encode<R>,
) => Eventual<Outcome<R>>;

type Encode<R> = (result: unknown) => R;

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
  const running = new Set<AuditEntry>();
  options.signal.addEventListener('abort', () => {
    for (const entry of running) void entry.end({ error: UNFINISHED });
  });
  const calls = new Map(
    [...options.verbs].map(([name, verb]) => [
      name,
      callOf(name, verb, { ...options, audit, running }),
    ]),
  );
  return (method, params, origin, encode) => {
    const call = calls.get(method);
    if (call) return call(params, origin, encode);
    const error = new VdsmError('MethodNotFound', method.slice(0, 100));
    options.measure('unknown', error.code, Milliseconds(0));
    return { ok: false, error };
  };
}

type Ended<R> = Eventual<Outcome<R>>;

type CallVerb = <R>(params: unknown, origin: Origin, encode: Encode<R>) => Ended<R>;

interface CallSettings extends RpcOptions {
  readonly audit: AuditLog;
  readonly running: Set<AuditEntry>;
}

function callOf(method: string, verb: Verb, options: CallSettings): CallVerb {
  const { services, clock, strict, running } = options;
  const { changes, waits = false } = verb.contract;
  const admit = admission(method, verb.contract, options);
  const finish = finisher(method, waits, options);
  const audited = { method, changes, services, log: options.audit, clock, running };
  const ServedRequest = requestsOf(method, options);

  const succeed = <R>(request: Request, result: unknown, encode: Encode<R>): Ended<R> => {
    const encoded = encode(result);
    finish(request, 0);
    const isAudited = request.entry !== undefined;
    return request.end<Outcome<R>>({ result }, { ok: true, result: encoded, isAudited });
  };
  const fail = <R>(request: Request, thrown: unknown): Ended<R> => {
    const error = errorOf(thrown, request);
    finish(request, error.code, error.message);
    const isAudited = request.entry !== undefined;
    return request.end<Outcome<R>>(
      { error },
      { ok: false, error, flowId: request.flowId, isAudited },
    );
  };

  return <R>(params: unknown, origin: Origin, encode: Encode<R>): Ended<R> => {
    const { caller, receivedAt = clock.now() } = origin;
    const request = new ServedRequest(caller, usableFlowId(origin.flowId), receivedAt);
    if (changes.length > 0) request.entry = new AuditEntry(request, params, audited);
    if (options.log.isLevelEnabled('debug')) request.log.debug({ event: 'start' }, 'START');
    caller.outstanding++;
    try {
      admit(caller);
      const result = run(verb, request, params, strict);
      // a verb that waits for nothing needs no turn of the microtasks
      if (!(result instanceof Promise)) return succeed(request, result, encode);
      return result
        .then((value) => succeed(request, value, encode))
        .catch((thrown: unknown) => fail<R>(request, thrown));
    } catch (thrown) {
      return fail(request, thrown);
    }
  };
}

function run(verb: Verb, request: Request & Services, params: unknown, strict: boolean) {
  const { entry } = request;
  if (!entry) return verb.call(params, request, { strict });
  const accepted = (taken: object): void => entry.begin(taken);
  return verb.call(params, request, { strict, accepted });
}

/** Returns a function that throws if a request of this caller may not run. */
function admission(method: string, { access, changes }: Contract, options: RpcOptions) {
  const { maxOutstanding, obstacle } = options;
  const isRefused = options.isReadOnly && changes.length > 0;
  return ({ outstanding, peer }: Caller): void => {
    if (outstanding > maxOutstanding) throw tooMany(maxOutstanding);
    if (!includes(peer.access, access)) throw denial(method, access, peer.access);
    requireReady(obstacle());
    if (isRefused) throw refusal(method);
  };
}

/** Returns a function that measures and logs the end of a request. */
function finisher(method: string, waits: boolean, { clock, log, measure }: RpcOptions) {
  return (request: Request, code: number, failure?: string): void => {
    const duration = Milliseconds(clock.now() - request.receivedAt);
    measure(method, code, duration);
    const isSlow = duration > SLOW && !waits;
    const reason = failure ?? (isSlow ? 'slow' : undefined);
    const level = isSlow ? 'warn' : 'debug';
    if (!log.isLevelEnabled(level)) return;
    const duration_s = Math.round(duration * 1000) / 1e6;
    request.log[level]({ event: 'finish', code, reason, duration_s }, 'FINISH');
  };
}

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
