import {
  isJSONRPCID,
  JSONRPCServer,
  type JSONRPCID,
  type JSONRPCRequest,
  type JSONRPCResponse,
} from 'json-rpc-2.0';
import { systemClock } from '../clock.ts';
import { VdsmError } from '../errors.ts';
import type { Verb } from '../verb.ts';
import { createAnswer, refusal, type AnswerOptions, type Caller, type Origin } from './answer.ts';

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
  const { maxBatch = 100, maxOutstanding = 80 } = options;
  const one = createOne({
    clock: systemClock,
    strict: false,
    isReady: () => true,
    ...options,
    maxOutstanding,
  });

  return async (message, caller, flowId) => {
    let payload: unknown;
    try {
      payload = JSON.parse(message.toString());
    } catch {
      return JSON.stringify(refusal(null, new VdsmError('ParseError')));
    }
    const origin = { caller, flowId };
    if (!Array.isArray(payload) || payload.length === 0) return one(payload, origin);
    if (payload.length > maxBatch) {
      const reason = `a batch may hold ${String(maxBatch)} requests, not ${String(payload.length)}`;
      return JSON.stringify(refusal(null, new VdsmError('InvalidRequest', reason)));
    }
    // a batch may be longer than what a connection may have running, but it does not run wider
    const lanes = Math.max(1, maxOutstanding - caller.outstanding);
    const replies = await inLanes(lanes, payload, (each) => one(each, origin));
    const answered = replies.filter((reply) => reply !== undefined);
    return answered.length > 0 ? `[${answered.join(',')}]` : undefined;
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
  const server = createServer(options);
  return async (payload, origin) => {
    const response =
      isRequest(payload) ?
        await server.receive(payload, origin)
      : refusal(idOf(payload), new VdsmError('InvalidRequest', whatARequestIs));
    if (!response) return undefined;
    try {
      return JSON.stringify(response);
    } catch (err) {
      options.log.error({ event: 'bug', err }, 'a result cannot be written as JSON');
      return JSON.stringify(refusal(response.id, new VdsmError('InternalError')));
    }
  };
}

function createServer(
  options: AnswerOptions & Pick<DispatchOptions, 'verbs'>,
): JSONRPCServer<Origin> {
  const server = new JSONRPCServer<Origin>({
    errorListener: (message, err: unknown) => {
      options.log.error({ event: 'bug', err }, message);
    },
  });
  server.handleMethodNotFound = ({ id, method }): Promise<JSONRPCResponse | null> =>
    Promise.resolve(refusal(id, new VdsmError('MethodNotFound', method.slice(0, 100))));
  for (const [method, verb] of options.verbs) {
    server.addMethodAdvanced(method, createAnswer(method, verb, options));
  }
  return server;
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
