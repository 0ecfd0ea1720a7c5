import { randomBytes } from 'node:crypto';
import { createJSONRPCErrorResponse, type JSONRPCID, type JSONRPCRequest } from 'json-rpc-2.0';
import type { Logger } from 'pino';
import type { Clock } from '../common/clock.ts';
import type { Call, Peer, Services } from '../api/context.ts';
import { VdsmError } from '../common/errors.ts';
import { Milliseconds } from '../common/units.ts';
import type { Verb } from '../api/verb.ts';

/** One connection, as the dispatcher sees it; `outstanding` counts its requests that still run. */
export interface Caller {
  readonly peer: Peer;
  outstanding: number;
  /** Whether it expects what VDSM does: to a list of one its reply alone, no list; to a null id no reply. */
  readonly asVdsm?: boolean;
}

/** Where a request came from, and the flow id its transport gave, if any. */
export interface Origin {
  readonly caller: Caller;
  readonly flowId?: string | undefined;
}

export interface AnswerOptions {
  readonly services: Services;
  /** Aborts what still runs when the service gives up waiting for it. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly clock: Clock;
  /** Refuse params that the contract does not know, as VDSM's api_strict_mode does. */
  readonly strict: boolean;
  readonly maxOutstanding: number;
  /** Whether requests can be answered yet; until then each gets Recovering, as from a VDSM that starts. */
  readonly isReady: () => boolean;
  /** Hears of each answer: its method, `unknown` where there is none of that name, and its error code, 0 for none. */
  readonly measure: (method: string, code: number, duration: Milliseconds) => void;
}

type Request = Omit<JSONRPCRequest, 'id'> & {
  readonly id?: JSONRPCID | undefined;
  readonly flow_id?: unknown;
};
type Answer = (request: Request, origin: Origin) => Promise<string | undefined>;

const SLOW = Milliseconds(1000);
// reads would drown the log, and clients make them all the time
const onlyReads = /\.(get|ping|echo|dump|explain|discover|confirm)/;

/** The error reply to a request, as text; without an id none is wanted. */
export const refusal = (
  id: JSONRPCID | undefined,
  { code, message }: VdsmError,
  data?: object,
): string | undefined =>
  id === undefined ? undefined : (
    JSON.stringify(createJSONRPCErrorResponse(id, code, message, data))
  );

// written by hand, since stringify takes four times as long for the whole as for what is in it
const success = (id: JSONRPCID, result: unknown): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${JSON.stringify(result ?? null)}}`;

/** Runs one verb for one valid request and answers its reply as text, undefined to a notification; never rejects. */
export function createAnswer(method: string, verb: Verb, options: AnswerOptions): Answer {
  const { services, clock, strict, maxOutstanding, isReady, measure } = options;
  const { waits = false } = verb.contract;
  const usual = onlyReads.test(method) ? 'debug' : 'info';

  return async ({ id, params, flow_id: flowId }, origin) => {
    const { caller } = origin;
    const flow = usable(flowId) ?? usable(origin.flowId);
    const context = Object.assign(new OneCall(method, flow, caller.peer, options), services);
    const began = clock.now();
    const finish = (code: number, failure?: string): void => {
      const duration = Milliseconds(clock.now() - began);
      measure(method, code, duration);
      const isSlow = duration > SLOW && !waits;
      const reason = failure ?? (isSlow ? 'slow' : undefined);
      const level =
        isSlow ? 'warn'
        : code !== 0 ? 'info'
        : usual;
      if (!options.log.isLevelEnabled(level)) return;
      const duration_s = Math.round(duration * 1000) / 1e6;
      context.log[level]({ event: 'finish', code, reason, duration_s }, 'FINISH');
    };
    if (options.log.isLevelEnabled('debug')) context.log.debug({ event: 'start' }, 'START');

    caller.outstanding++;
    try {
      if (caller.outstanding > maxOutstanding) throw tooMany(maxOutstanding);
      if (!isReady()) throw new VdsmError('Recovering', 'the VMs are being read; try again');
      const result = await verb.call(params, context, { strict });
      const reply = id === undefined ? undefined : success(id, result);
      finish(0);
      return reply;
    } catch (error) {
      const told = tell(error, context);
      finish(told.code, told.message);
      return refusal(id, told, { flowId: context.flowId, ...told.data });
    } finally {
      caller.outstanding--;
    }
  };
}

// random once, so that ids of two runs differ; then counted, since random bytes may take their time
const run = randomBytes(3).toString('hex');
let calls = 0;
const nextFlowId = (): string => `${run}-${(calls++).toString(36)}`;

class OneCall implements Call {
  readonly peer: Peer;
  readonly signal: AbortSignal;
  readonly #method: string;
  readonly #parent: Logger;
  #flowId: string | undefined;
  #log: Logger | undefined;

  constructor(method: string, flowId: string | undefined, peer: Peer, options: AnswerOptions) {
    this.peer = peer;
    this.signal = options.signal;
    this.#method = method;
    this.#parent = options.log;
    this.#flowId = flowId;
  }

  // most requests are named nowhere and never log, and a child logger costs more than the rest of the dispatch
  get flowId(): string {
    return (this.#flowId ??= nextFlowId());
  }

  get log(): Logger {
    return (this.#log ??= this.#parent.child({ flow_id: this.flowId, method: this.#method }));
  }
}

const usable = (flowId: unknown): string | undefined =>
  typeof flowId === 'string' && /^[\x20-\x7e]{1,128}$/.test(flowId) ? flowId : undefined;

const tooMany = (limit: number): VdsmError =>
  new VdsmError(
    'NotEnoughResources',
    `${String(limit)} requests of this connection still run; wait for their answers`,
  );

function tell(error: unknown, { log, flowId }: Call): VdsmError {
  if (error instanceof VdsmError) {
    if (error.cause !== undefined) log.debug({ err: error }, 'the cause of the refusal');
    return error;
  }
  log.error({ event: 'bug', err: error }, 'a handler failed unexpectedly');
  return new VdsmError('InternalError', `the log of vmemd tells more under flow_id ${flowId}`);
}
