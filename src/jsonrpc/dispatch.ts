import { isJSONRPCID, type JSONRPCID, type JSONRPCRequest } from 'json-rpc-2.0';
import { systemClock } from '../common/clock.ts';
import { VdsmError } from '../common/errors.ts';
import { Milliseconds } from '../common/units.ts';
import type { Verb } from '../api/verb.ts';
import { createAnswer, refusal, type AnswerOptions, type Caller, type Origin } from './call.ts';

/** One JSON text in, one JSON text out, undefined when nothing is to be answered; never rejects. */
export type Dispatch = (
  message: string | Buffer,
  caller: Caller,
  flowId?: string,
) => Promise<string | undefined>;

type Needed = 'services' | 'signal' | 'log';

export interface DispatchOptions
  extends Pick<AnswerOptions, Needed>, Partial<Omit<AnswerOptions, Needed>> {
  readonly verbs: ReadonlyMap<string, Verb>;
  readonly maxBatch?: number;
}

/** Answers JSON-RPC 2.0 texts, batches and notifications too, with these verbs. */
export function createDispatch(options: DispatchOptions): Dispatch {
  const { maxBatch = 100, maxOutstanding = 80, measure = () => undefined } = options;
  const one = createOne({
    clock: systemClock,
    strict: false,
    isReady: () => true,
    ...options,
    maxOutstanding,
    measure,
  });

  const many = async (list: readonly unknown[], origin: Origin): Promise<string | undefined> => {
    if (list.length > maxBatch) {
      const reason = `a batch may hold ${String(maxBatch)} requests, not ${String(list.length)}`;
      return turnAway(null, new VdsmError('InvalidRequest', reason), measure);
    }
    // a batch may be longer than what a connection may have running, but it does not run wider
    const lanes = Math.max(1, maxOutstanding - origin.caller.outstanding);
    const replies = await inLanes(lanes, list, (each) => one(each, origin));
    const answered = replies.filter((reply) => reply !== undefined);
    return answered.length > 0 ? `[${answered.join(',')}]` : undefined;
  };

  return (message, caller, flowId) => {
    let payload: unknown;
    try {
      payload = JSON.parse(message.toString());
    } catch {
      return Promise.resolve(turnAway(null, new VdsmError('ParseError'), measure));
    }
    const origin = { caller, flowId };
    if (!Array.isArray(payload) || payload.length === 0) return one(payload, origin);
    const isAlone = payload.length === 1 && caller.asVdsm === true;
    return isAlone ? one(payload[0], origin) : many(payload, origin);
  };
}

/** Runs `task` on all items, at most `lanes` at one time; the results keep the order of the items. */
async function inLanes<T, R>(
  lanes: number,
  items: readonly T[],
  task: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await task(item);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  return results;
}

type One = (payload: unknown, origin: Origin) => Promise<string | undefined>;

/** Answers one element of a message, whatever it is. */
function createOne(options: AnswerOptions & Pick<DispatchOptions, 'verbs'>): One {
  const answers = new Map(
    [...options.verbs].map(([method, verb]) => [method, createAnswer(method, verb, options)]),
  );
  return (payload, origin) => {
    if (!isRequest(payload)) {
      const error = new VdsmError('InvalidRequest', whatARequestIs);
      return Promise.resolve(turnAway(idOf(payload), error, options.measure));
    }
    const { method } = payload;
    const id = payload.id === null && origin.caller.asVdsm ? undefined : payload.id;
    const answer = answers.get(method);
    if (answer) return answer({ ...payload, id }, origin);
    const error = new VdsmError('MethodNotFound', method.slice(0, 100));
    return Promise.resolve(turnAway(id, error, options.measure));
  };
}

/** The error reply to what no verb is there to answer. */
function turnAway(
  id: JSONRPCID | undefined,
  error: VdsmError,
  measure: AnswerOptions['measure'],
): string | undefined {
  measure('unknown', error.code, Milliseconds(0));
  return refusal(id, error);
}

const whatARequestIs =
  'a request is {"jsonrpc": "2.0", "method": text, "params": object or list, "id": text or number}';

const isObject = (payload: unknown): payload is Readonly<Record<string, unknown>> =>
  typeof payload === 'object' && payload !== null;

const isRequest = (payload: unknown): payload is JSONRPCRequest =>
  isObject(payload) &&
  payload['jsonrpc'] === '2.0' &&
  typeof payload['method'] === 'string' &&
  !('result' in payload || 'error' in payload) &&
  (payload['id'] === undefined || isJSONRPCID(payload['id'])) &&
  (payload['params'] === undefined || isObject(payload['params']));

const idOf = (payload: unknown): JSONRPCID =>
  isObject(payload) && isJSONRPCID(payload['id']) ? payload['id'] : null;
